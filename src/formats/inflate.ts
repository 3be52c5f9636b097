/** Inflating to a length that is known beforehand, in memory and at once, also where there is no zlib of Node's. */
import { Inflate, inflateSync } from 'fflate';
import { InflateError } from './inflateError.ts';

/** Packed bytes that are unpacked at a time: at most a thousandfold, so that no stream goes on for long after it has become too long. */
const STEP = 16 * 1024;

/**
 * A DEFLATE stream (RFC 1951).
 * @param length  what it unpacks to, which whoever calls can afford
 * @throws InflateError if it unpacks to something else
 */
export function inflateRaw(packed: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  try {
    const unpacked = packed.length <= STEP ? inflateAtOnce(packed, length) : inflateInSteps(packed, length);
    if (unpacked.length < length) throw new InflateError('short');
    return unpacked;
  } catch (cause) {
    if (cause instanceof InflateError) throw cause;
    throw new InflateError('damaged', { cause });
  }
}

function inflateAtOnce(packed: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  // What comes after the end is not kept: one byte more shows that there is something.
  const unpacked = inflateSync(packed, { out: new Uint8Array(length + 1) });
  if (unpacked.length > length) throw new InflateError('long');
  return unpacked;
}

function inflateInSteps(packed: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const unpacked = new Uint8Array(length);
  let end = 0;
  const stream = new Inflate((part) => {
    if (end + part.length > length) throw new InflateError('long');
    unpacked.set(part, end);
    end += part.length;
  });
  for (let at = 0; at < packed.length; at += STEP) {
    stream.push(packed.subarray(at, at + STEP), at + STEP >= packed.length);
  }
  return unpacked.subarray(0, end);
}

/**
 * A zlib stream (RFC 1950): two bytes, DEFLATE, and a checksum.
 * @throws InflateError also if the checksum is not that of what it unpacks to
 */
export function inflateZlib(packed: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const end = packed.length - 4;
  // Method 8 is DEFLATE; the two bytes are a multiple of 31; bit 5 asks for a dictionary, which nobody has.
  const [method, flags] = [packed[0] ?? 0, packed[1] ?? 0];
  if (end < 2 || (method & 0xf) !== 8 || ((method << 8) | flags) % 31 !== 0 || flags & 0x20) {
    throw new InflateError('damaged');
  }
  const unpacked = inflateRaw(packed.subarray(2, end), length);
  const checksum = new DataView(packed.buffer, packed.byteOffset + end).getUint32(0);
  if (checksum !== adler32(unpacked)) throw new InflateError('damaged', { reason: 'checksum' });
  return unpacked;
}

/** The largest prime below 2^16. */
const BASE = 65_521;
/** Bytes after which sums still fit in 32 bits. */
const MOST_SUMMED = 5552;

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (let start = 0; start < bytes.length; start += MOST_SUMMED) {
    const end = Math.min(bytes.length, start + MOST_SUMMED);
    for (let i = start; i < end; i++) {
      a += bytes[i]!;
      b += a;
    }
    a %= BASE;
    b %= BASE;
  }
  return ((b << 16) | a) >>> 0;
}
