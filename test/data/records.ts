import { cifar10RecordBytes } from '../../src/data/cifar10Format.ts';

/**
 * `count` records of the CIFAR-10 format, the first with label `firstLabel`, the next with the one after, and so on;
 * every byte of the images differs from its neighbours.
 */
export function records(count: number, firstLabel = 0): Uint8Array {
  const bytes = new Uint8Array(count * cifar10RecordBytes);
  for (let record = 0; record < count; record++) {
    const start = record * cifar10RecordBytes;
    for (let i = 1; i < cifar10RecordBytes; i++) bytes[start + i] = (i * 7 + (i >> 8) + record * 31) & 255;
    bytes[start] = (firstLabel + record) % 10;
  }
  return bytes;
}

/** The same images as records of CIFAR-100: coarse labels 0 to 19, fine ones 0 to 99, again and again. */
export function cifar100Records(count: number, firstLabel = 0): Uint8Array<ArrayBuffer> {
  const images = records(count);
  const bytes = new Uint8Array(count * (cifar10RecordBytes + 1));
  for (let record = 0; record < count; record++) {
    const start = record * (cifar10RecordBytes + 1);
    bytes.set(images.subarray(record * cifar10RecordBytes, (record + 1) * cifar10RecordBytes), start + 1);
    bytes[start] = (firstLabel + record) % 20;
    bytes[start + 1] = (firstLabel + record) % 100;
  }
  return bytes;
}
