/** Cyclic redundancy checks whose bits are in reverse, as the bytes come least significant bit first. */

/** CRC-32 (ISO 3309): the checksum of PNG, zip and gzip. Node has it in zlib; pages have not. */
export const crc32 = checksum(0xedb88320);

/** CRC-32C (Castagnoli): the checksum of iSCSI (RFC 3720), SSE 4.2 and TFRecord files. */
export const crc32c = checksum(0x82f63b78);

function checksum(polynomial: number): (bytes: Uint8Array) => number {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    return crc;
  });
  return (bytes) => {
    let crc = 0xffffffff;
    for (const byte of bytes) crc = table[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
    return ~crc >>> 0;
  };
}
