/**
 * A layers model of TensorFlow.js: `model.json`, and the files of its weights, called shards, beside it.
 *
 * ```
 * format               "layers-model", or left out by old converters; "graph-model" is another thing altogether
 * modelTopology        Keras 2's JSON of the model
 * weightsManifest      groups: { paths: [names of shards], weights: [{ name, shape, dtype, quantization?, group? }] }
 * trainingConfig       optimizer, loss and metrics, if they were saved
 * userDefinedMetadata  whatever its author wanted
 * ```
 * The shards of a group make one row of bytes together, in which its weights follow each other without gaps, little-endian.
 * Source: https://www.tensorflow.org/js/guide/save_load and what tfjs-core's `io` reads.
 */
import { FormatError } from '../../errors.ts';
import { isObject } from '../../isObject.ts';
import { MAX_ARRAYS, MAX_JSON_BYTES, MAX_VALUES } from '../../limits.ts';
import { product } from '../../product.ts';
import { quoted } from '../../quoted.ts';
import { besideName } from '../besideName.ts';
import { parseJson } from '../json.ts';

/** How many bytes an element takes in the file. */
export const BYTES_OF = { float32: 4, int32: 4, bool: 1, float16: 2, uint8: 1, uint16: 2 } as const;

/** What values mean. */
export type TfjsType = 'float32' | 'int32' | 'bool';

/** How values are stored to take less room: whole numbers n for n · scale + min, or floats of 16 bits. */
export type TfjsQuantization =
  | { readonly dtype: 'uint8' | 'uint16'; readonly scale: number; readonly min: number }
  | { readonly dtype: 'float16' };

/** What the manifest says of a weight. */
export interface TfjsEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: TfjsType;
  readonly quantization?: TfjsQuantization | undefined;
  /** "optimizer" if it is none of the model's. */
  readonly group?: string | undefined;
}

export interface TfjsGroup {
  /** Names of files beside the model, and nowhere else: each in one spelling, and in one group only. */
  readonly paths: readonly string[];
  readonly weights: readonly TfjsEntry[];
}

/** What `model.json` says. */
export interface TfjsModel {
  readonly topology: Readonly<Record<string, unknown>>;
  readonly groups: readonly TfjsGroup[];
  readonly trainingConfig: unknown;
  readonly metadata: unknown;
}

/** Makes the error for a complaint. */
type Broken = (what: string) => FormatError;

/** Makes the error for a complaint about a file. */
export function unusableTfjs(fileName: string): Broken {
  return (what) => new FormatError(`${fileName}: not a usable tfjs layers model: ${what}`);
}

/**
 * Reads `model.json`; what is in the topology is not looked at.
 * @param fileName  for messages
 * @throws FormatError naming the file and what is wrong with it
 */
export function parseTfjsModel(bytes: Uint8Array, fileName: string): TfjsModel {
  const broken = unusableTfjs(fileName);
  const json = parse(bytes, broken);
  const topology = json.modelTopology;
  if (json.format === 'graph-model' || (isObject(topology) && 'node' in topology)) {
    throw new FormatError(
      `${fileName} is a tfjs graph model, a graph of TensorFlow's operations; layers models are read. ` +
        'Convert the Keras model that it was made of with --output_format=tfjs_layers_model, or to ONNX.',
    );
  }
  if (!isObject(topology)) throw broken('it has no modelTopology; name the model.json');
  const { weightsManifest: manifest } = json;
  if (!Array.isArray(manifest)) throw broken('it has no weightsManifest, which says where its weights are');
  if (manifest.length > MAX_ARRAYS) throw broken(`its weightsManifest has more than ${MAX_ARRAYS} groups`);
  const groups = manifest.map((group: unknown) => parseGroup(group, broken));
  const count = groups.reduce((sum, { paths, weights }) => sum + paths.length + weights.length, 0);
  if (count > MAX_ARRAYS) throw broken(`it has ${count} shards and weights, more than ${MAX_ARRAYS}`);
  const seen = new Set<string>();
  for (const path of groups.flatMap(({ paths }) => paths)) {
    if (seen.has(path)) throw broken(`its shard ${quoted(path)} is in its weightsManifest twice`);
    seen.add(path);
  }
  return { topology, groups, trainingConfig: json.trainingConfig, metadata: json.userDefinedMetadata };
}

function parse(bytes: Uint8Array, broken: Broken): Readonly<Record<string, unknown>> {
  if (bytes.length > MAX_JSON_BYTES) {
    throw broken(`it has ${bytes.length} bytes, and at most ${MAX_JSON_BYTES} are read`);
  }
  let json: unknown;
  try {
    json = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw broken(`it is no JSON: ${(cause as Error).message}`);
  }
  if (!isObject(json)) throw broken('it is no object');
  return json;
}

function parseGroup(group: unknown, broken: Broken): TfjsGroup {
  if (!isObject(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights)) {
    throw broken('a group of its weightsManifest has no lists of paths and weights');
  }
  return {
    paths: group.paths.map((path: unknown) => parsePath(path, broken)),
    weights: group.weights.map((weight: unknown) => parseEntry(weight, broken)),
  };
}

function parsePath(path: unknown, broken: Broken): string {
  const name = typeof path === 'string' ? besideName(path) : undefined;
  if (name !== undefined) return name;
  throw broken(`its shard ${quoted(path)} is no file beside it: names of other folders are not followed`);
}

function parseEntry(value: unknown, broken: Broken): TfjsEntry {
  if (!isObject(value) || typeof value.name !== 'string') throw broken('a weight has no name');
  const { name, shape, dtype, quantization, group } = value;
  const weight = `weight ${quoted(name)}`;
  if (!isShape(shape)) throw broken(`${weight}: its shape ${quoted(shape)} is no list of whole numbers >= 0`);
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw broken(`${weight} has the dtype ${quoted(dtype)}; float32, int32 and bool are read`);
  }
  if (!(product(shape) <= MAX_VALUES)) {
    throw broken(`${weight}: its shape ${quoted(shape)} is larger than any memory`);
  }
  return {
    name,
    shape,
    dtype,
    ...(quantization !== undefined && { quantization: quantizationOf(quantization, weight, broken) }),
    ...(typeof group === 'string' && { group }),
  };
}

function quantizationOf(value: unknown, weight: string, broken: Broken): TfjsQuantization {
  const { dtype, scale, min } = isObject(value) ? value : { dtype: value };
  if (dtype === 'float16') return { dtype };
  if (dtype !== 'uint8' && dtype !== 'uint16') {
    throw broken(`${weight} is quantized to ${quoted(dtype)}; uint8, uint16 and float16 are read`);
  }
  if (!Number.isFinite(scale) || !Number.isFinite(min)) {
    throw broken(`${weight} is quantized with scale ${quoted(scale)} and min ${quoted(min)}, no numbers`);
  }
  return { dtype, scale: scale as number, min: min as number };
}

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
}
