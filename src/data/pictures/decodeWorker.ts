/** The entry point of a thread that reads and decodes pictures. */
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { readWhole } from '../../files/readFile.ts';
import type { DecodeReply, DecodeRequest } from './decoderPool.ts';
import { decodePicture } from '../../formats/picture.ts';
import { pictureKind } from '../../formats/pictureKind.ts';
import { toPixels } from './pixels.ts';

const port = parentPort!;

port.on('message', (request: DecodeRequest) => {
  decode(request).then(
    (decoded) => {
      port.postMessage({ decoded } satisfies DecodeReply, decoded.pixels && [decoded.pixels.buffer]);
    },
    (error: unknown) => {
      const failure = error instanceof Error ? error.message : String(error);
      port.postMessage({ failure } satisfies DecodeReply);
    },
  );
});

async function decode({ path, geometry, hashes }: DecodeRequest) {
  const bytes = await readWhole(path);
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
