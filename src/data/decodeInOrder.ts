import { availableParallelism } from 'node:os';
import { decodeFiles } from './decodeFiles.ts';
import type { FitOptions } from './fitPicture.ts';
import type { InputSize } from './networkInput.ts';
import { DecodingThreads } from './decodingThreads.ts';
import type { PictureFile } from './pictureFiles.ts';

/** A picture as a network takes it, or why it could not be read. */
export type DecodedPicture =
  | { readonly path: string; /** [height, width, channels], bytes 0…255. */ readonly pixels: Uint8Array }
  | { readonly path: string; readonly failure: string };

/** Files that are decoded in one go: enough to make up for the message, few enough to share them out evenly. */
const CHUNK = 16;

/** Chunks under way for each thread: one that it works on, and others that wait for it or for their turn. */
const AHEAD = 4;

/**
 * Reads and decodes pictures in threads beside the caller's, in the order that they are given in, and no more than a few ahead of
 * what is taken. A few are decoded in the caller's own.
 *
 * @param threads  as many as there are cores by default
 */
export async function* decodeInOrder(
  files: readonly PictureFile[],
  size: InputSize,
  options: FitOptions = {},
  threads = availableParallelism(),
): AsyncGenerator<readonly DecodedPicture[]> {
  const chunks = Array.from({ length: Math.ceil(files.length / CHUNK) }, (_, i) =>
    files.slice(i * CHUNK, (i + 1) * CHUNK),
  );
  if (chunks.length <= 1) {
    for (const chunk of chunks)
      yield await decodeChunk(chunk, size, (paths) => decodeFiles(paths, size, options));
    return;
  }
  const pool = new DecodingThreads(Math.min(threads, chunks.length), size, options);
  const underWay: Promise<readonly DecodedPicture[]>[] = [];
  try {
    for (const chunk of chunks) {
      const decoded = decodeChunk(chunk, size, (paths) => pool.decode(paths));
      decoded.catch(() => undefined); // It is waited for below.
      underWay.push(decoded);
      if (underWay.length >= AHEAD * threads) yield await underWay.shift()!;
    }
    for (const decoded of underWay) yield await decoded;
  } finally {
    await pool.end();
  }
}

async function decodeChunk(
  files: readonly PictureFile[],
  { width, height, channels }: InputSize,
  decode: (paths: readonly string[]) => ReturnType<typeof decodeFiles>,
): Promise<readonly DecodedPicture[]> {
  const length = width * height * channels;
  const readable = files.filter(({ failure }) => failure === undefined).map(({ path }) => path);
  const { pixels, failures } = await decode(readable);
  let next = 0;
  return files.map(({ path, failure: known }) => {
    if (known !== undefined) return { path, failure: known };
    const i = next++;
    const failure = failures[i];
    return failure === undefined
      ? { path, pixels: pixels.subarray(i * length, (i + 1) * length) }
      : { path, failure };
  });
}
