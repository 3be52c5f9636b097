/** Pictures read and decoded one after the other; what cannot be read does not end it. */
import { createHash } from 'node:crypto';
import { readWhole } from '../../files/readFile.ts';
import { decodePicture } from '../../formats/picture.ts';
import { pictureKind } from '../../formats/pictureKind.ts';
import type { InputSize } from '../networkInput.ts';
import { toPixels, type Geometry } from './pixels.ts';

export interface DecodeRequest {
  readonly path: string;
  /** With it, the pixels are brought to that size and handed over; of 3 channels by default. */
  readonly geometry?: Geometry & Partial<InputSize>;
  /** Whether to tell equal files and equal pictures by. */
  readonly hashes?: boolean;
}

export interface DecodedPicture {
  readonly width: number;
  readonly height: number;
  readonly format: string;
  /** [geometry.height, geometry.width, geometry.channels], bytes 0…255. */
  readonly pixels?: Uint8Array<ArrayBuffer>;
  /** Of the bytes of the file, and of its pixels and their number. */
  readonly hashes?: { readonly file: string; readonly pixels: string };
}

/** Why a picture is none, for people. */
export interface UnreadablePicture {
  readonly failure: string;
}

export type DecodeReply = { readonly decoded: DecodedPicture } | UnreadablePicture;

export async function decodeFiles(requests: readonly DecodeRequest[]): Promise<DecodeReply[]> {
  const replies: DecodeReply[] = [];
  // All are read at once, since reading is waiting.
  const contents = requests.map(({ path }) => readWhole(path));
  for (const content of contents) content.catch(() => undefined);
  for (const [i, request] of requests.entries()) {
    try {
      replies.push({ decoded: await decode(await contents[i]!, request) });
    } catch (error) {
      replies.push({ failure: error instanceof Error ? error.message : String(error) });
    }
  }
  return replies;
}

async function decode(bytes: Uint8Array, { path, geometry, hashes }: DecodeRequest): Promise<DecodedPicture> {
  const image = await decodePicture(bytes, path);
  const { width, height, data } = image;
  const sha256 = (part: Uint8Array): string => createHash('sha256').update(part).digest('hex');
  return {
    width,
    height,
    format: pictureKind(bytes)!.toLowerCase(),
    ...(geometry && { pixels: toPixels(image, geometry) }),
    ...(hashes && { hashes: { file: sha256(bytes), pixels: `${width}x${height} ${sha256(data)}` } }),
  };
}
