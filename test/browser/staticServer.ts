/** A small server of files for tests, on this machine only. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

export interface ServerOptions {
  /** Whether to send the headers that make pages cross-origin isolated. */
  readonly isolated?: boolean;
  /** Further headers of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Files that are in no folder: their contents by path, such as "/index.html". */
  readonly files?: Readonly<Record<string, string>>;
}

export interface StaticServer {
  /** Without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** Serves a folder, with "index.html" for "/". To be closed by whoever asked for it. */
export async function serveFolder(folder: string, options: ServerOptions = {}): Promise<StaticServer> {
  const server = createServer((request, response) => {
    // A path with ".." in it is already resolved by URL; normalize is for the encoded kind.
    const { pathname } = new URL(request.url!, 'http://localhost');
    const path = normalize(decodeURIComponent(pathname === '/' ? '/index.html' : pathname));
    const given = options.files?.[path];
    const content = given === undefined ? readFile(join(folder, path)) : Promise.resolve(given);
    content.then(
      (body) => {
        const type = TYPES[extname(path)] ?? 'application/octet-stream';
        response.writeHead(200, {
          'content-type': type,
          ...(options.isolated && ISOLATION),
          ...options.headers,
        });
        response.end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => close(server) };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
