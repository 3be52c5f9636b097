/** npz and safetensors files with images: the zip around the arrays, their headers, their numbers. */
import { openArrays, type ArrayFormat } from '../../../src/data/arrays/arrays.ts';
import { encodeSafetensors, type SafeTensor } from '../../../src/formats/safetensors.ts';
import { npyFile, npyOf, zipOf, type ZipEntry } from '../../formats/npyBuilder.ts';
import { mutateBytes } from '../bytes.ts';
import { NUMBERS, type Choices } from '../choices.ts';
import { onDisk } from '../onDisk.ts';
import { MB, type Target } from '../target.ts';
import { mutateSafetensors } from './safetensors.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => (i * 37) % 256);

const corpus: readonly (readonly (readonly [name: string, array: Uint8Array])[])[] = [
  [
    ['x_train', npyOf('|u1', [3, 4, 5], numbers(60))],
    ['y_train', npyOf('<i8', [3], [0, 2, 1])],
    [
      'x_test',
      npyOf(
        '<f4',
        [1, 4, 5],
        numbers(20).map((value) => value / 255),
      ),
    ],
    ['y_test', npyOf('>i4', [1, 1], [1])],
  ],
  [
    ['images', npyOf('>f8', [2, 2, 2, 3], numbers(24))],
    ['labels', npyOf('|u1', [2], [0, 255])],
  ],
];

/** Deflated, a thousandth of it. */
const zeros = npyFile({ descr: '|u1', shape: [1, 4096, 4096], data: new Uint8Array(16 * MB) });

function makeNpz(choices: Choices): Uint8Array {
  const entries = choices.of(corpus).map(([name, content]): ZipEntry => ({
    name: `${name}.npy`,
    content: choices.oneIn(2) ? mutateArray(content, choices) : content,
    deflated: choices.oneIn(2),
    ...(choices.oneIn(20) && { size: Math.trunc(Math.abs(choices.of(NUMBERS))) >>> 0 }),
    ...(choices.oneIn(20) && { checksum: choices.below(2 ** 31) }),
    ...(choices.oneIn(20) && { method: choices.of([0, 8, 9, 12, 99]) }),
  }));
  if (choices.oneIn(12)) entries.push(choices.of(entries));
  if (choices.oneIn(20)) entries[0] = { ...entries[0]!, content: zeros, deflated: true };
  const file = zipOf(entries);
  return choices.oneIn(3) ? mutateBytes(file, zipOf(entries.slice(1)), choices) : file;
}

/** Another word in the header, or other bytes anywhere. */
function mutateArray(array: Uint8Array, choices: Choices): Uint8Array {
  if (choices.oneIn(3)) return mutateBytes(array, choices.of(choices.of(corpus))[1], choices);
  const end = array.indexOf(0x0a) + 1;
  const header = Buffer.from(array.subarray(10, end)).toString('latin1').trimEnd();
  const size = String(choices.of(NUMBERS));
  const [from, to] = choices.of<readonly [RegExp, string]>([
    [
      /'descr': '[^']*'/,
      `'descr': '${choices.of(['|u1', '<f8', '>f4', '<i8', '|O', '<U9', '<f2', "|b1', 'a': '"])}'`,
    ],
    [/\d+/g, size],
    [/\((\d+)/, `(${size}`],
    [/False/, choices.of(['True', 'None', '0'])],
    [/\(.*\)/, choices.of(['()', '(,)', '(3)', '[3]', '(-1,)', `(${'1, '.repeat(choices.below(99))})`])],
    [/, 'shape'/, choices.of([", 'descr': '<i4', 'shape'", " 'shape", ''])],
  ]);
  return npyFile({ descr: '', shape: [], data: array.subarray(end), header: header.replace(from, to) });
}

const tensors = [
  new Map<string, SafeTensor>([
    ['images', { dtype: 'U8', shape: [2, 2, 3], data: Uint8Array.from(numbers(12)) }],
    ['labels', { dtype: 'I64', shape: [2], data: BigInt64Array.of(1n, 0n) }],
  ]),
  new Map<string, SafeTensor>([
    ['x_train', { dtype: 'F32', shape: [1, 2, 2, 1], data: Float32Array.of(0, 0.5, 1, 0) }],
    ['y_train', { dtype: 'I32', shape: [1, 1], data: Int32Array.of(0) }],
  ]),
].map((each) => encodeSafetensors(each, { classNames: '["cat","dog"]' }));

function read(bytes: Uint8Array, name: string, format: ArrayFormat): Promise<void> {
  return onDisk(bytes, name, async (path) => {
    const stored = await openArrays(path, format);
    for (const part of stored.parts) await stored.read(part);
  });
}

export const npz: Target = {
  name: 'npz',
  turns: 3,
  // What a packed array may hold, and its pixels.
  memory: { free: 96 * MB, perByte: 100 },
  make: makeNpz,
  read: (bytes, name) => read(bytes, name, 'npz'),
};

export const safetensorsImages: Target = {
  name: 'safetensors images',
  turns: 1,
  memory: { free: 32 * MB, perByte: 64 },
  make: (choices) => mutateSafetensors(tensors, choices),
  read: (bytes, name) => read(bytes, name, 'safetensors'),
};
