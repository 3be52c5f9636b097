/** Safetensors files: bytes, or the header as JSON with its length put right. */
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from '../../../src/formats/safetensors.ts';
import { joined, mutateBytes } from '../bytes.ts';
import { NUMBERS, type Choices } from '../choices.ts';
import { mutateJson } from '../json.ts';
import { MB, type Target } from '../target.ts';

const corpus = [
  encodeSafetensors(
    new Map<string, SafeTensor>([
      ['a/kernel', { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, -0, NaN, Infinity, 0.1, 5) }],
      ['b', { dtype: 'U8', shape: [5], data: Uint8Array.of(0, 1, 2, 254, 255) }],
      ['c', { dtype: 'I64', shape: [], data: BigInt64Array.of(-5n) }],
      ['empty', { dtype: 'F64', shape: [0, 7], data: new Float64Array(0) }],
    ]),
    { note: 'text', 'é "': '\n' },
  ),
  encodeSafetensors(
    new Map([['w', { dtype: 'F32', shape: [64, 8], data: new Float32Array(512).fill(0.5) }]]),
  ),
  encodeSafetensors(new Map()),
];

export const safetensors: Target = {
  name: 'safetensors',
  turns: 4,
  memory: { free: 32 * MB, perByte: 64 },
  make: (choices) => mutateSafetensors(corpus, choices),
  read: (bytes, name) => decodeSafetensors(bytes, name),
};

/** @param change  what is done to the header; mutations of JSON by default */
export function mutateSafetensors(
  files: readonly Uint8Array[],
  choices: Choices,
  change: (header: string, other: string) => string = (header, other) => mutateJson(header, other, choices),
): Uint8Array {
  const [file, other] = [choices.of(files), choices.of(files)];
  if (choices.oneIn(4)) return mutateBytes(file, other, choices);
  const header = new TextEncoder().encode(change(headerOf(file), headerOf(other)));
  const data = file.subarray(8 + headerBytes(file));
  const assembled = joined(
    new Uint8Array(8),
    header,
    choices.oneIn(4) ? mutateBytes(data, other, choices) : data,
  );
  const length = choices.oneIn(10)
    ? BigInt(Math.trunc(Math.abs(choices.of(NUMBERS))))
    : BigInt(header.length);
  new DataView(assembled.buffer).setBigUint64(0, BigInt.asUintN(64, length), true);
  return assembled;
}

function headerBytes(file: Uint8Array): number {
  return Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
}

function headerOf(file: Uint8Array): string {
  return new TextDecoder().decode(file.subarray(8, 8 + headerBytes(file)));
}
