/** TensorFlow.js itself: models in the files that it reads and writes. */
import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { ExportedFile } from '../../src/exchange/exported.ts';
import type { Source } from '../../src/exchange/imported.ts';

/** What `model.json` has, as far as it is looked at here. */
export interface TfjsJson extends Record<string, unknown> {
  modelTopology: Record<string, unknown>;
  weightsManifest: { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[];
}

/** @param backend  "wasm" is faster, but has not what training takes */
export async function startTfjs(backend: 'cpu' | 'wasm'): Promise<void> {
  const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${dirname(wasm)}/`);
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs' backend ${backend} does not start`);
}

/** The model in files, which tfjs reads. */
export async function loadIntoTfjs(files: readonly ExportedFile[]): Promise<LayersModel> {
  const { weightsManifest, ...json } = JSON.parse(files[0]!.content as string) as TfjsJson;
  const contents = new Map(files.map(({ name, content }) => [name, content as Uint8Array]));
  const shards = weightsManifest.flatMap(({ paths }) => paths.map((path) => contents.get(path)!));
  return loadLayersModel({
    load: () =>
      Promise.resolve({
        ...json,
        weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
        weightData: new Uint8Array(Buffer.concat(shards)).buffer,
      } as tf.io.ModelArtifacts),
  });
}

/** The files that tfjs writes of a model, with its optimizer. */
export async function saveFromTfjs(model: LayersModel): Promise<ExportedFile[]> {
  const artifacts = await new Promise<tf.io.ModelArtifacts>((resolve, reject) => {
    const handler = tf.io.withSaveHandler((saved) => {
      resolve(saved);
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
    });
    model.save(handler, { includeOptimizer: true }).catch(reject);
  });
  const { weightSpecs, weightData, ...json } = artifacts;
  const paths = ['group1-shard1of1.bin'];
  return [
    {
      name: 'model.json',
      content: JSON.stringify({ ...json, weightsManifest: [{ paths, weights: weightSpecs }] }),
    },
    { name: paths[0]!, content: new Uint8Array(weightData as ArrayBuffer) },
  ];
}

export function sourceOf([first, ...others]: readonly ExportedFile[]): Source {
  const bytes = (content: ExportedFile['content']): Uint8Array =>
    typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const contents = new Map(others.map(({ name, content }) => [name, bytes(content)]));
  return {
    fileName: first!.name,
    bytes: bytes(first!.content),
    file: (name) => {
      const found = contents.get(name);
      return found ? Promise.resolve(found) : Promise.reject(new Error(`there is no ${name}`));
    },
  };
}

/** What a model gives for images, one after the other. */
export async function predictInTfjs(
  model: LayersModel,
  images: Float32Array,
  shape: readonly number[],
): Promise<Float32Array> {
  const input = tf.tensor(images, [images.length / shape.reduce((a, b) => a * b, 1), ...shape]);
  const output = model.predict(input) as tf.Tensor;
  const values = (await output.data()) as Float32Array;
  tf.dispose([input, output]);
  return values;
}
