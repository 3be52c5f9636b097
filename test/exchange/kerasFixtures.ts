/**
 * Files that Keras wrote, with what it computes for them. `nested` and `ops` are from
 * `test/peers/keras.py fixtures`; the others are of Keras 3.15, trained for two steps.
 */
import { readFileSync } from 'node:fs';
import type { Imported, Source } from '../../src/exchange/imported.ts';
import { importKeras } from '../../src/exchange/keras/import.ts';
import { importKerasH5 } from '../../src/exchange/keras/importH5.ts';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import type { Tensor } from '../../src/nn/parameters.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import { sequential } from '../../src/training/factories.ts';
import type { Tier } from '../../src/engine/tier.ts';

const folder = new URL('../fixtures/exchange/', import.meta.url);

export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, folder)));
}

export function sourceOf(fileName: string, bytes = fixture(fileName)): Source {
  return { fileName, bytes, file: () => Promise.reject(new Error('There is no other file.')) };
}

export function imported(fileName: string): Promise<Imported> {
  return (fileName.endsWith('.h5') ? importKerasH5 : importKeras)(sourceOf(fileName));
}

/** What Keras was given and gave. @param name  of the model */
export function tensorsOf(name: string): { input: Float32Array; output: Float32Array } {
  const { tensors } = decodeSafetensors(fixture(`${name}.keras.safetensors`), name);
  const of = (key: string) => tensors.get(key)!.data as Float32Array;
  return { input: of('input'), output: of('output') };
}

export async function outputsOf({ layers, weights }: Imported, input: Float32Array, tier: Tier) {
  const model = sequential(layers as readonly LayerSpec[], { tier, threads: 1 });
  model.setWeights(weights);
  const { data } = await model.predict(input);
  await model.dispose();
  return data;
}

export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity;
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

/** Whether they have the same names, in any order, with the same bits. */
export function haveSameBits(a: ReadonlyMap<string, Tensor>, b: ReadonlyMap<string, Tensor>): boolean {
  const bits = ({ shape, data }: Tensor) => [shape.join(), Buffer.from(data.slice().buffer)] as const;
  return (
    a.size === b.size &&
    [...a].every(([name, tensor]) => {
      const other = b.get(name);
      const [shape, bytes] = bits(tensor);
      return other !== undefined && bits(other)[0] === shape && bits(other)[1].equals(bytes);
    })
  );
}
