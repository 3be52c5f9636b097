import { availableParallelism } from 'node:os';
import { decodeFiles, type DecodeReply, type DecodeRequest, type UnreadablePicture } from './decodeFiles.ts';
import { DecodingThreads } from './decodingThreads.ts';

export interface DecodeWatch {
  /** Called as pictures are decoded and taken. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Ends it with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface DecodeOptions extends DecodeWatch {
  /** As many as there are cores by default. */
  readonly threads?: number | undefined;
}

/** A picture to decode, or why it is known beforehand that there is none. */
export type PictureRequest = DecodeRequest | UnreadablePicture;

/** Files that are decoded in one go: enough to make up for the message, few enough to share them out evenly. */
const CHUNK = 16;

/** Bytes of pixels that are decoded in one go, but for a single picture that has more. */
const CHUNK_BYTES = 1 << 20;

/** Chunks under way for each thread: one that it works on, and others that wait for it or for their turn. */
const AHEAD = 4;

/**
 * Reads and decodes pictures in threads beside the caller's, and gives what became of each in the order that they are given in. No more
 * than a few are decoded ahead of what is taken. A few are decoded in the caller's own thread.
 * @throws the signal's reason
 */
export async function* decodePictures(
  requests: readonly PictureRequest[],
  { onProgress, signal, threads }: DecodeOptions = {},
): AsyncGenerator<DecodeReply, void, undefined> {
  let done = 0;
  for await (const replies of inChunks(requests, threads, signal)) {
    for (const reply of replies) {
      signal?.throwIfAborted();
      yield reply;
      onProgress?.(++done, requests.length);
    }
  }
}

async function* inChunks(
  requests: readonly PictureRequest[],
  threads = availableParallelism(),
  signal: AbortSignal | undefined,
): AsyncGenerator<DecodeReply[], void, undefined> {
  signal?.throwIfAborted();
  if (requests.length <= CHUNK) {
    for (const request of requests) yield await decodeChunk([request], decodeFiles);
    return;
  }
  const chunks = chunksOf(requests);
  const pool = new DecodingThreads(Math.min(threads, chunks.length));
  const stop = (): void => void pool.end();
  signal?.addEventListener('abort', stop);
  const underWay: Promise<DecodeReply[]>[] = [];
  try {
    for (const chunk of chunks) {
      const replies = decodeChunk(chunk, (readable) => pool.decode(readable));
      replies.catch(() => undefined); // It is waited for below.
      underWay.push(replies);
      if (underWay.length >= AHEAD * threads) yield await underWay.shift()!;
    }
    for (const replies of underWay) yield await replies;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    await pool.end();
  }
}

function chunksOf(requests: readonly PictureRequest[]): PictureRequest[][] {
  const largest = requests.reduce((most, request) => Math.max(most, bytesOf(request)), 1);
  const length = Math.max(1, Math.min(CHUNK, Math.floor(CHUNK_BYTES / largest)));
  return Array.from({ length: Math.ceil(requests.length / length) }, (_, i) =>
    requests.slice(i * length, (i + 1) * length),
  );
}

function bytesOf(request: PictureRequest): number {
  if ('failure' in request || !request.geometry) return 0;
  const { width, height, channels = 3 } = request.geometry;
  return width * height * channels;
}

/** Decodes those that are to be decoded; the others keep their places. */
async function decodeChunk(
  requests: readonly PictureRequest[],
  decode: (readable: readonly DecodeRequest[]) => Promise<DecodeReply[]>,
): Promise<DecodeReply[]> {
  const replies = await decode(
    requests.filter((request): request is DecodeRequest => !('failure' in request)),
  );
  let next = 0;
  return requests.map((request) => ('failure' in request ? request : replies[next++]!));
}
