/**
 * The limits of what is read, all in one place. Whatever a file claims, work and memory stay within a multiple of its size and
 * what stands here; docs/security.md says why.
 */

/** 2^20. */
const MIB = 1024 * 1024;

/** Of the JSON in front of a safetensors file. The format allows 100 MB; parsed, they may take gigabytes. */
export const MAX_HEADER_BYTES = 16 * MIB;

/** Of other JSON files: networks and histories. */
export const MAX_JSON_BYTES = 16 * MIB;

/** Characters of YAML files, which people write: to find keys that are there twice takes time as the square of their number. */
export const MAX_YAML_LENGTH = 64 * 1024;

/** How deep objects and lists may be nested in JSON. */
export const MAX_JSON_DEPTH = 64;

/** Layers of a network that is read, and inputs of one layer: ten times as many as large networks have. */
export const MAX_LAYERS = 10_000;

/** How deep models may be nested in a Keras model: ten times as deep as is of use. */
export const MAX_NESTED_MODELS = 16;

/** Nodes, attributes, tensors and names in an ONNX file: fifty times as many as large networks have. */
export const MAX_ONNX_PARTS = 500_000;

/** Axes of a tensor in an ONNX file: three times as many as large networks use. */
export const MAX_RANK = 16;

/** Numbers in what a layer puts out for an image, or in all weights together: as many as WebAssembly can address. */
export const MAX_VALUES = 1024 * MIB;

/** Classes of images: their indices are kept in 16 bits, by others too. */
export const MAX_CLASSES = 65_536;

/** Arrays in an npz file: a hundred times as many as large models have. */
export const MAX_ARRAYS = 10_000;

/** Files and folders in a zip of pictures: ten times as many as a page can show well. */
export const MAX_ZIP_ENTRIES = 100_000;

/** Files in a zip that is a model: Keras writes three. */
export const MAX_MODEL_FILES = 1000;

/** How deep groups may be nested in an HDF5 file: five times as deep as models within models are. */
export const MAX_GROUP_DEPTH = 64;

/** Pixels on a side, and in all, that an image may have. */
export const MAX_SIDE = 16_384;
export const MAX_PIXELS = 64 * MIB;

/**
 * How often the scans of a JPEG may pass over its pixels: one for each component, or four if they are progressive. A few bytes can ask
 * for one more.
 */
export const MAX_PASSES = 16;

/**
 * Bytes that a picture of any kind may take when it is decoded, enough for twelve megapixels, and how many more for each of its own: photographs
 * take four as PNG, twenty as JPEG.
 */
const FREE_IMAGE_BYTES = 48 * MIB;
const IMAGE_BYTES_PER_BYTE = 64;

/** Bytes that a picture in a file of so many may take when it is decoded. */
export function mostDecoded(fileBytes: number): number {
  return FREE_IMAGE_BYTES + IMAGE_BYTES_PER_BYTE * fileBytes;
}

/** Records in a file of CIFAR-10 within an archive: ten times as many as there are. */
export const MAX_ARCHIVED_RECORDS = 100_000;

/** Bytes that any packed file may unpack to, and how many more for each of its own: photographs hardly shrink. */
const FREE_UNPACKED_BYTES = 16 * MIB;
const UNPACKED_PER_BYTE = 20;

/** Bytes that an archive, a gzip file or an array in an npz file may unpack to, if the file has so many. */
export function mostUnpacked(fileBytes: number): number {
  return FREE_UNPACKED_BYTES + UNPACKED_PER_BYTE * fileBytes;
}
