/** The files of a tfjs layers model. */
import type { TfjsType } from './model.ts';

/** A tensor to be written. */
export interface TfjsTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: Exclude<TfjsType, 'bool'>;
  readonly data: Float32Array | Int32Array;
  /** "optimizer" if it is none of the model's weights. */
  readonly group?: string | undefined;
}

/** What else `model.json` has; see {@link TfjsModel}. */
export interface TfjsJson {
  readonly modelTopology: object;
  readonly trainingConfig?: object | undefined;
  readonly userDefinedMetadata?: object | undefined;
}

export interface TfjsFile {
  readonly name: string;
  readonly content: Uint8Array<ArrayBuffer> | string;
}

/** What tfjs calls each model. */
const USUAL_NAME = 'model';

/** As large as tfjs makes them, for the sake of browsers' caches. */
const SHARD_BYTES = 4 * 1024 * 1024;

/**
 * `model.json` and its shards. The same tensors in the same order always give the same bytes.
 * @param name  of the JSON, without its extension; of another name, shards have it too, so that models can share a folder
 */
export function encodeTfjsModel(
  json: TfjsJson,
  tensors: readonly TfjsTensor[],
  name = USUAL_NAME,
): TfjsFile[] {
  const bytes = new Uint8Array(tensors.reduce((sum, { data }) => sum + data.byteLength, 0));
  let at = 0;
  for (const { data } of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  const count = Math.ceil(bytes.length / SHARD_BYTES);
  const prefix = name === USUAL_NAME ? '' : `${name}-`;
  const shards = Array.from({ length: count }, (_, i) => ({
    name: `${prefix}group1-shard${i + 1}of${count}.bin`,
    content: bytes.slice(i * SHARD_BYTES, (i + 1) * SHARD_BYTES),
  }));
  const manifest = {
    paths: shards.map(({ name }) => name),
    weights: tensors.map(({ name, shape, dtype, group }) => ({ name, shape, dtype, group })),
  };
  const { modelTopology, trainingConfig, userDefinedMetadata } = json;
  const model = {
    format: 'layers-model',
    generatedBy: 'simdnet',
    convertedBy: null,
    modelTopology,
    trainingConfig,
    userDefinedMetadata,
    weightsManifest: [manifest],
  };
  return [{ name: `${name}.json`, content: JSON.stringify(model) }, ...shards];
}
