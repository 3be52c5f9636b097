import { describe, expect, it } from 'vitest';
import { crc32c } from '../../src/formats/crc.ts';
import { firstEvent, scalarsEvent } from '../../src/formats/eventFile.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('the checksum', () => {
  it('is that of the examples in RFC 3720, B.4, and of "123456789"', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(0))).toBe(0);
  });
});

describe('events', () => {
  // Written by TensorBoard 2.21: the Events by its protocol buffers, the records by its RecordWriter.
  it('are the bytes that TensorBoard writes', () => {
    expect(hex(firstEvent(1700000000.25))).toBe(
      '1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe9',
    );
    expect(hex(scalarsEvent(1700000000.25, 0, { epoch_loss: 1.5, epoch_accuracy: 0.1 }))).toBe(
      '3500000000000000d6c55de60900001040fc54d9412a2a0a110a0a65706f63685f6c6f7373150000c03f' +
        '0a150a0e65706f63685f616363757261637915cdcccc3d97792a8a',
    );
    expect(hex(scalarsEvent(1700000001.5, 300, { epoch_loss: 3e-5, epoch_größe: -1 }))).toBe(
      '3700000000000000e7e8ca590900006040fc54d94110ac022a290a110a0a65706f63685f6c6f73731582a8fb37' +
        '0a140a0d65706f63685f6772c3b6c39f6515000080bf157f90c3',
    );
    expect(hex(scalarsEvent(1700000001.5, 2 ** 40, { ['x'.repeat(130)]: 0 }))).toBe(
      'a0000000000000002a5572250900006040fc54d941108080808080202a8d010a8a010a8201' +
        `${'78'.repeat(130)}1500000000f94ea283`,
    );
  });
});
