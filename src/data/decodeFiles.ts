/** Pictures read and decoded one after the other; what cannot be read does not end it. */
import { readWhole } from '../files/readFile.ts';
import { pictureToImage } from './imageFile.ts';

export interface DecodedFiles {
  /** [files, height, width, channels], bytes 0…255; black where there is a failure. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Why a file could not be read, [files]; undefined for the others. */
  readonly failures: readonly (string | undefined)[];
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

export async function decodeFiles(paths: readonly string[], size: ImageSize): Promise<DecodedFiles> {
  const { channels } = size;
  const length = size.width * size.height * channels;
  const pixels = new Uint8Array(paths.length * length);
  const failures: (string | undefined)[] = [];
  // All are read at once, since reading is waiting.
  const contents = paths.map((path) => readWhole(path));
  for (const content of contents) content.catch(() => undefined);
  for (const [i, path] of paths.entries()) {
    try {
      pixels.set(await pictureToImage(await contents[i]!, path, size, { channels }), i * length);
      failures.push(undefined);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { pixels, failures };
}
