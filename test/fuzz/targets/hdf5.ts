/** HDF5 files, and the zip files that Keras puts them into. */
import { readFileSync } from 'node:fs';
import { decodeHdf5 } from '../../../src/formats/hdf5/decode.ts';
import { encodeHdf5 } from '../../../src/formats/hdf5/encode.ts';
import { emptyGroup } from '../../../src/formats/hdf5/hdf5.ts';
import { decodeZip } from '../../../src/formats/zip.ts';
import { zipOf, type ZipEntry } from '../../formats/npyBuilder.ts';
import { joined, mutateBytes } from '../bytes.ts';
import { NUMBERS, type Choices } from '../choices.ts';
import { MB, type Target } from '../target.ts';

const fixture = (name: string): Uint8Array =>
  Uint8Array.from(readFileSync(new URL(`../../fixtures/${name}`, import.meta.url)));

const small = emptyGroup();
small.attributes.set('text', 'some text');
small.datasets.set('x', { attributes: new Map(), shape: [2], data: Float32Array.of(1, 2) });
small.groups.set('inner', emptyGroup());

const corpus = [
  encodeHdf5(small),
  fixture('hdf5/default.h5'),
  fixture('hdf5/latest.h5'),
  fixture('exchange/functional.h5'),
];

/** What structures begin with, which damage near them is more likely to matter. */
const SIGNATURES = ['TREE', 'SNOD', 'HEAP', 'GCOL', 'OHDR', 'OCHK'].map((name) => Buffer.from(name));

function makeHdf5(choices: Choices): Uint8Array {
  const [file, other] = [choices.of(corpus), choices.of(corpus)];
  if (choices.oneIn(4)) return mutateBytes(file, other, choices);
  const copy = Uint8Array.from(file);
  for (let times = choices.amount(choices.of([1, 1, 2, 8])); times > 0; times--) mutateField(copy, choices);
  // What follows the file may be pointed into.
  return choices.oneIn(10) ? joined(copy, other) : copy;
}

/** Another length, or an address of something that is there, in or near a structure. */
function mutateField(file: Uint8Array<ArrayBuffer>, choices: Choices): void {
  const view = new DataView(file.buffer);
  const at = Math.min(file.length - 8, structure(file, choices) + 2 * choices.below(choices.of([16, 64])));
  switch (choices.below(4)) {
    case 0:
      view.setUint16(at, Math.trunc(Math.abs(choices.of(NUMBERS))) & 0xffff, true);
      break;
    case 1:
      view.setUint8(at, choices.below(32));
      break;
    case 2:
      view.setBigUint64(at, BigInt.asUintN(64, BigInt(Math.trunc(choices.of(NUMBERS)))), true);
      break;
    default:
      view.setBigUint64(at, BigInt(structure(file, choices)), true);
  }
}

function structure(file: Uint8Array, choices: Choices): number {
  const bytes = Buffer.from(file.buffer);
  const found = bytes.indexOf(choices.of(SIGNATURES), choices.below(file.length));
  return found >= 0 ? found : 8 * choices.below(Math.floor(file.length / 8));
}

export const hdf5: Target = {
  name: 'HDF5',
  turns: 4,
  // Text by text, and array by array.
  memory: { free: 160 * MB, perByte: 64 },
  make: makeHdf5,
  read: (bytes, name) => decodeHdf5(bytes, name),
};

const content = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * i) % 251);

const NAMES = ['../config.json', '/config.json', 'a\\b', '', '__proto__', 'a/', 'x/'.repeat(3e4)];

/** Deflated, a thousandth of it. */
const zeros: ZipEntry = { name: 'zeros', content: new Uint8Array(12 * MB), deflated: true };

function makeZip(choices: Choices): Uint8Array {
  const entries = ['metadata.json', 'config.json', 'model.weights.h5'].map((name, i): ZipEntry => ({
    name: choices.oneIn(20) ? choices.of(NAMES) : name,
    content: content(100 * i),
    deflated: choices.oneIn(2),
    descriptor: choices.oneIn(4),
    ...(choices.oneIn(20) && { size: Math.trunc(Math.abs(choices.of(NUMBERS))) >>> 0 }),
    ...(choices.oneIn(20) && { checksum: choices.below(2 ** 31) }),
    ...(choices.oneIn(20) && { method: choices.of([0, 8, 9, 12, 99]) }),
    ...(choices.oneIn(20) && { flags: choices.below(2 ** 16) }),
  }));
  if (choices.oneIn(12)) entries.push(choices.of(entries));
  if (choices.oneIn(40)) entries.push({ ...zeros, ...(choices.oneIn(2) && { size: 1 }) });
  const file = zipOf(entries);
  return choices.oneIn(2) ? mutateBytes(file, zipOf(entries.slice(1)), choices) : file;
}

export const modelZip: Target = {
  name: 'zip of a model',
  turns: 2,
  memory: { free: 96 * MB, perByte: 64 },
  make: makeZip,
  read: (bytes, name) => decodeZip(bytes, name),
};
