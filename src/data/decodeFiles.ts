/** Pictures read and decoded one after the other; what cannot be read does not end it. */
import { readWhole } from '../files/readFile.ts';
import type { FitOptions } from './fitPicture.ts';
import { pictureToImage } from './imageFile.ts';
import type { InputSize } from './networkInput.ts';

export interface DecodedFiles {
  /** [files, height, width, channels], bytes 0…255; black where there is a failure. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Why a file could not be read, [files]; undefined for the others. */
  readonly failures: readonly (string | undefined)[];
}

export async function decodeFiles(
  paths: readonly string[],
  size: InputSize,
  options: FitOptions = {},
): Promise<DecodedFiles> {
  const { channels } = size;
  const length = size.width * size.height * channels;
  const pixels = new Uint8Array(paths.length * length);
  const failures: (string | undefined)[] = [];
  // All are read at once, since reading is waiting.
  const contents = paths.map((path) => readWhole(path));
  for (const content of contents) content.catch(() => undefined);
  for (const [i, path] of paths.entries()) {
    try {
      pixels.set(await pictureToImage(await contents[i]!, path, size, options), i * length);
      failures.push(undefined);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { pixels, failures };
}
