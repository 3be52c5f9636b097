import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';

/** Answers one request; `number` counts from 0. */
export type Answer = (request: IncomingMessage, response: ServerResponse, number: number) => void;

export interface FileServer {
  readonly url: string;
  /** The Range header of each request so far, or undefined. */
  readonly ranges: (string | undefined)[];
}

const closers: (() => Promise<void>)[] = [];

/** A server on this machine, closed after the test. */
export async function serve(answer: Answer): Promise<FileServer> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response, ranges.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/some.tar.gz`, ranges };
}

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Serves `file` whole, or from where the Range header says. */
export function whole(file: Uint8Array): Answer {
  return (request, response) => {
    const start = begin(file, request, response);
    response.end(file.subarray(start));
  };
}

/** Serves `file` as {@link whole} does, but drops the connection after `bytes` of it. */
export function dropped(file: Uint8Array, bytes: number): Answer {
  return (request, response) => {
    const start = begin(file, request, response);
    // Ends the connection only when the bytes have had time to arrive.
    response.write(file.subarray(start, start + bytes), () => setTimeout(() => response.destroy(), 50));
  };
}

/** Serves `file` from the start whatever the Range header says. */
export function ignoringRange(file: Uint8Array): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-length': file.length });
    response.end(file);
  };
}

/** Answers with a status and no file. */
export function status(code: number): Answer {
  return (_request, response) => {
    response.writeHead(code);
    response.end('a page that is not the file');
  };
}

/** Answers the first request with the first answer, and so on; the last one serves the rest. */
export function inTurn(...answers: Answer[]): Answer {
  return (request, response, number) => {
    answers[Math.min(number, answers.length - 1)]!(request, response, number);
  };
}

function begin(file: Uint8Array, request: IncomingMessage, response: ServerResponse): number {
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const start = Number(from ?? 0);
  response.writeHead(from === undefined ? 200 : 206, {
    'content-length': file.length - start,
    ...(from !== undefined && { 'content-range': `bytes ${start}-${file.length - 1}/${file.length}` }),
  });
  return start;
}
