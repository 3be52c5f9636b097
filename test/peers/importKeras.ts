/**
 * Reads what `test/peers/keras.py make FOLDER` wrote, and says how far its outputs are from Keras':
 * `npx tsx --conditions=simdnet-source test/peers/importKeras.ts FOLDER`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { availableTiers } from '../../src/engine/tier.ts';
import type { Source } from '../../src/exchange/imported.ts';
import { importKeras } from '../../src/exchange/keras/import.ts';
import { importKerasH5 } from '../../src/exchange/keras/importH5.ts';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import { largestDifference, outputsOf } from '../exchange/kerasFixtures.ts';

const [folder = ''] = process.argv.slice(2);
for (const name of readdirSync(folder).filter((each) => /\.(keras|h5)$/.test(each))) await compare(name);

async function compare(name: string): Promise<void> {
  const bytes = (file: string): Uint8Array => new Uint8Array(readFileSync(join(folder, file)));
  const { tensors } = decodeSafetensors(bytes(`${name}.safetensors`), name);
  const of = (key: string) => tensors.get(key)!.data as Float32Array;
  const source: Source = {
    fileName: name,
    bytes: bytes(name),
    file: () => Promise.reject(new Error('There is no other file.')),
  };
  const found = await (name.endsWith('.h5') ? importKerasH5 : importKeras)(source);
  const scale = of('output').reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const tier of availableTiers()) {
    const off = largestDifference(await outputsOf(found, of('input'), tier), of('output'));
    console.log(`${name} on ${tier}: ${off.toExponential(1)} of ${scale.toExponential(1)}`);
  }
}
