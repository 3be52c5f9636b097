/** What kind of picture a file is, by its first bytes; its name may say anything. */

/** The kinds that are read. */
export type PictureKind = 'PNG' | 'JPEG' | 'WebP';

const READ: Record<PictureKind, (start: string) => boolean> = {
  PNG: (start) => start.startsWith('\x89PNG\r\n\x1a\n'),
  JPEG: (start) => start.startsWith('\xff\xd8\xff'),
  WebP: (start) => start.startsWith('RIFF') && start.startsWith('WEBP', 8),
};

/** Others that people have. */
const OTHERS: readonly [kind: string, is: (start: string) => boolean][] = [
  ['a GIF', (start) => start.startsWith('GIF8')],
  ['a TIFF', (start) => start.startsWith('II*\0') || start.startsWith('MM\0*')],
  ['a HEIC', (start) => /^ftyp(hei|hev|mif1|msf1)/.test(start.slice(4))],
  ['an AVIF', (start) => /^ftypavi[fs]/.test(start.slice(4))],
  ['a JPEG XL', (start) => start.startsWith('\xff\x0a') || start.startsWith('\0\0\0\x0cJXL ')],
  ['a JPEG 2000', (start) => start.startsWith('\0\0\0\x0cjP  ') || start.startsWith('\xff\x4f\xff\x51')],
  ['a Photoshop', (start) => start.startsWith('8BPS')],
  ['a BMP', (start) => start.startsWith('BM') && start.slice(6, 10) === '\0\0\0\0'],
  ['an SVG', (start) => /^\s*<(svg|\?xml)/.test(start)],
];

/** @returns undefined for what is not read */
export function pictureKind(bytes: Uint8Array): PictureKind | undefined {
  const start = startOf(bytes);
  return (Object.keys(READ) as PictureKind[]).find((kind) => READ[kind](start));
}

/** The kind of a picture that is not read, with its article, as in "a GIF". */
export function otherKind(bytes: Uint8Array): string | undefined {
  const start = startOf(bytes);
  return OTHERS.find(([, is]) => is(start))?.[0];
}

/** How a file begins, for messages. */
export function describeStart(bytes: Uint8Array): string {
  const kind = pictureKind(bytes);
  if (kind) return `the signature of a ${kind}`;
  const other = otherKind(bytes);
  if (other) return `the signature of ${other}`;
  const start = startOf(bytes).slice(0, 16);
  if (/^[\x20-\x7e\t\r\n]+$/.test(start)) return JSON.stringify(start);
  const shown = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0'));
  return `the bytes ${shown.join(' ')}`;
}

/** One character a byte. */
function startOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 32));
}

export function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}
