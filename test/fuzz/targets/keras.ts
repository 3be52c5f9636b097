/** Keras' files: their JSON, and how it fits the arrays. What is in a zip and in HDF5 is for other targets. */
import type { Source } from '../../../src/exchange/imported.ts';
import { importKeras } from '../../../src/exchange/keras/import.ts';
import { importKerasH5 } from '../../../src/exchange/keras/importH5.ts';
import { decodeHdf5 } from '../../../src/formats/hdf5/decode.ts';
import { encodeHdf5 } from '../../../src/formats/hdf5/encode.ts';
import { decodeZip, encodeZip } from '../../../src/formats/zip.ts';
import { fixture } from '../../exchange/kerasFixtures.ts';
import { mutateBytes } from '../bytes.ts';
import type { Choices } from '../choices.ts';
import { MB, type Target } from '../target.ts';
import { mutateText } from './networks.ts';

const NAMES = ['functional', 'nested', 'ops'];
const zips = NAMES.map((name) => decodeZip(fixture(`${name}.keras`), name));
const CONFIG = 'config.json';
const configs = zips.map((files) => new TextDecoder().decode(files.get(CONFIG)));
const hdf5 = NAMES.map((name) => fixture(`${name}.h5`));

const memory = { free: 128 * MB, perByte: 300 };

function sourceOf(bytes: Uint8Array, fileName: string): Source {
  return { fileName, bytes, file: () => Promise.reject(new Error('There is no other file.')) };
}

function makeZip(choices: Choices): Uint8Array {
  const files = new Map(choices.of(zips));
  if (choices.oneIn(10)) return mutateBytes(encodeZip(files), encodeZip(choices.of(zips)), choices);
  files.set(CONFIG, mutateText(configs, choices));
  if (choices.oneIn(20)) files.delete(choices.of([...files.keys()]));
  return encodeZip(files);
}

function makeHdf5(choices: Choices): Uint8Array {
  const file = choices.of(hdf5);
  if (choices.oneIn(10)) return mutateBytes(file, choices.of(hdf5), choices);
  const root = decodeHdf5(file, 'a.h5');
  const text = new TextDecoder().decode(mutateText(configs, choices)).replaceAll('\0', '');
  // An attribute holds no more than 64 KB.
  if (text.length < 60_000) root.attributes.set('model_config', text);
  const weights = root.groups.get('model_weights')!;
  if (choices.oneIn(3)) {
    const group = weights.groups.get(choices.of([...weights.groups.keys()]))!;
    group.attributes.set('weight_names', choices.of([[], ['a'], ['', '/', 'conv2d_1/kernel'], 'x', 7]));
  }
  if (choices.oneIn(10)) root.groups.delete(choices.of([...root.groups.keys()]));
  return encodeHdf5(root);
}

export const kerasZip: Target = {
  name: '.keras',
  turns: 3,
  memory,
  make: makeZip,
  read: (bytes, name) => importKeras(sourceOf(bytes, name)),
};

export const kerasH5: Target = {
  name: 'Keras .h5',
  turns: 3,
  memory,
  make: makeHdf5,
  read: (bytes, name) => importKerasH5(sourceOf(bytes, name)),
};
