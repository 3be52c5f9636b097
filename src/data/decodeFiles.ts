/** Pictures read and decoded one after the other; what cannot be read does not end it. */
import { readWhole } from '../files/readFile.ts';
import { pngToImage } from './imageFile.ts';

export interface DecodedFiles {
  /** [files, height, width, 3], bytes 0…255; black where there is a failure. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Why a file could not be read, [files]; undefined for the others. */
  readonly failures: readonly (string | undefined)[];
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

export async function decodeFiles(paths: readonly string[], size: ImageSize): Promise<DecodedFiles> {
  const length = size.width * size.height * 3;
  const pixels = new Uint8Array(paths.length * length);
  const failures: (string | undefined)[] = [];
  // All are read at once, since reading is waiting.
  const contents = paths.map((path) => readWhole(path));
  for (const content of contents) content.catch(() => undefined);
  for (const [i, path] of paths.entries()) {
    try {
      pixels.set(pngToImage(await contents[i]!, path, size), i * length);
      failures.push(undefined);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { pixels, failures };
}
