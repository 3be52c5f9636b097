/** A model as bytes: safetensors, with the network as JSON, the class names and the fit of pictures in its metadata. */
import { FITS } from '../data/fitPicture.ts';
import { FormatError } from '../errors.ts';
import { parseJson } from '../formats/json.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  type F32Tensor,
  type SafetensorsFile,
} from '../formats/safetensors.ts';
import type { Tensor } from '../nn/parameters.ts';
import { builtModel } from './builtModel.ts';
import { isCheckpoint } from './checkpointFile.ts';
import type { Model } from './model.ts';
import { partsOfJson, type NetworkParts } from './modelJson.ts';
import type { SequentialOptions } from './options.ts';
import { tutorialNetwork } from '../networks/tutorial.ts';

/** Keys of the metadata. */
const MODEL = 'simdnet.model';
const CLASS_NAMES = 'simdnet.class_names';
const IMAGE_FIT = 'simdnet.image_fit';

/** The bytes of `model.safetensors`; the same model always gives the same. */
export function encodeModel(model: Model): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, F32Tensor>();
  for (const [name, { shape, data }] of model.getWeights()) tensors.set(name, { dtype: 'F32', shape, data });
  return encodeSafetensors(tensors, {
    [MODEL]: JSON.stringify(model.toJSON()),
    ...(model.classNames && { [CLASS_NAMES]: JSON.stringify(model.classNames) }),
    ...(model.imageFit && { [IMAGE_FIT]: model.imageFit }),
  });
}

/**
 * A model from the bytes of a file. One without our metadata is taken for the tutorial's network, if its tensors have
 * those names.
 * @param fileName  for messages
 * @throws FormatError if the file is damaged or its tensors do not fit the network; OptionError for an option that is out of range
 */
export function decodeModel(
  bytes: Uint8Array,
  fileName = 'The model',
  options: SequentialOptions = {},
): Model {
  return modelOfSafetensors(decodeSafetensors(bytes, fileName), fileName, options);
}

/** The same from a file that has been decoded. @throws FormatError */
export function modelOfSafetensors(
  file: SafetensorsFile,
  fileName: string,
  options: SequentialOptions,
): Model {
  if (isCheckpoint(file))
    throw new FormatError(`${fileName} is a checkpoint, not a model: decodeCheckpoint reads it.`);
  const saved = {
    ...readNetwork(file, fileName),
    classNames: options.classNames ?? readClassNames(file, fileName),
    imageFit: options.imageFit ?? readWord(file, IMAGE_FIT, FITS, fileName),
  };
  const model = builtModel(`${fileName}: its model`, saved, options);
  model.setWeights(weightsOfSafetensors(file, fileName), fileName);
  return model;
}

/** The tensors of a model, for one that is there already. @throws FormatError if one is not F32 */
export function weightsOfSafetensors({ tensors }: SafetensorsFile, fileName: string): Map<string, Tensor> {
  const floats = new Map<string, Tensor>();
  for (const [name, tensor] of tensors) {
    if (tensor.dtype !== 'F32') {
      throw new FormatError(`${fileName}: the tensor "${name}" is ${tensor.dtype}; weights must be F32.`);
    }
    floats.set(name, tensor);
  }
  return floats;
}

function readNetwork({ metadata }: SafetensorsFile, fileName: string): NetworkParts {
  const json = metadata[MODEL];
  if (json === undefined) return { layers: tutorialNetwork(), pixelScale: 1, layout: 'nhwc' };
  return partsOfJson(readMetadata(json, MODEL, fileName), `${fileName}: ${MODEL} in its metadata`);
}

function readClassNames({ metadata }: SafetensorsFile, fileName: string): string[] | undefined {
  const json = metadata[CLASS_NAMES];
  if (json === undefined) return undefined;
  const names = readMetadata(json, CLASS_NAMES, fileName);
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    throw new FormatError(`${fileName}: ${CLASS_NAMES} in its metadata is no list of names.`);
  }
  return names;
}

/** One of some words, if the metadata has one. @throws FormatError if it is none of them */
function readWord<W extends string>(
  { metadata }: SafetensorsFile,
  key: string,
  words: readonly W[],
  fileName: string,
): W | undefined {
  const word = metadata[key] as W | undefined;
  if (word === undefined || words.includes(word)) return word;
  throw new FormatError(`${fileName}: ${key} in its metadata is none of ${words.join(', ')}.`);
}

function readMetadata(json: string, key: string, fileName: string): unknown {
  try {
    return parseJson(json);
  } catch (cause) {
    throw new FormatError(`${fileName}: ${key} in its metadata is not JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
}
