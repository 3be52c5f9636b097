/** Cyclic redundancy checks whose bits are in reverse, as the bytes come least significant bit first. */

/** Bytes that are taken at a time: models have hundreds of megabytes. */
const SLICE = 8;

/** CRC-32 (ISO 3309): the checksum of PNG, zip and gzip. Node has it in zlib; pages have not. */
export const crc32 = checksum(0xedb88320);

/** CRC-32C (Castagnoli): the checksum of iSCSI (RFC 3720), SSE 4.2 and TFRecord files. */
export const crc32c = checksum(0x82f63b78);

function checksum(polynomial: number): (bytes: Uint8Array) => number {
  const table = tables(polynomial);
  return (bytes) => {
    const end = bytes.length - (bytes.length % SLICE);
    let crc = -1;
    let at = 0;
    for (; at < end; at += SLICE) {
      crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      crc =
        table[0x700 | (crc & 0xff)]! ^
        table[0x600 | ((crc >>> 8) & 0xff)]! ^
        table[0x500 | ((crc >>> 16) & 0xff)]! ^
        table[0x400 | (crc >>> 24)]! ^
        table[0x300 | bytes[at + 4]!]! ^
        table[0x200 | bytes[at + 5]!]! ^
        table[0x100 | bytes[at + 6]!]! ^
        table[bytes[at + 7]!]!;
    }
    for (; at < bytes.length; at++) crc = table[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
    return ~crc >>> 0;
  };
}

/**
 * What a byte does to the checksum, and 256 further on for each byte that follows it (slicing-by-8: Kounavis and Berry, "Novel table
 * lookup-based algorithms for high-performance CRC generation", 2008).
 */
function tables(polynomial: number): Int32Array {
  const table = new Int32Array(SLICE * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    table[byte] = crc;
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256]!;
    table[i] = table[before & 0xff]! ^ (before >>> 8);
  }
  return table;
}
