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
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Paths that are not found, whether there is something or not. */
  readonly missing?: readonly string[];
  /** Paths that are sent without the headers of isolation. */
  readonly bare?: readonly string[];
  /** Whether the server has never heard of .wasm. */
  readonly untyped?: boolean;
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
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** Serves a folder, with "index.html" for "/". To be closed by whoever asked for it. */
export async function serveFolder(folder: string, options: ServerOptions = {}): Promise<StaticServer> {
  const server = createServer((request, response) => {
    // URL resolves "..", and normalize its encoded kind.
    const { pathname } = new URL(request.url!, 'http://localhost');
    const path = normalize(decodeURIComponent(pathname === '/' ? '/index.html' : pathname));
    contentOf(folder, path, options).then(
      (content) => response.writeHead(200, headersOf(path, options)).end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => close(server) };
}

async function contentOf(
  folder: string,
  path: string,
  { files, missing }: ServerOptions,
): Promise<Uint8Array | string> {
  if (missing?.includes(path)) throw new Error('missing');
  return files?.[path] ?? readFile(join(folder, path));
}

function headersOf(
  path: string,
  { isolated, bare, headers, untyped }: ServerOptions,
): Record<string, string> {
  const type = untyped && extname(path) === '.wasm' ? undefined : TYPES[extname(path)];
  return {
    'content-type': type ?? 'application/octet-stream',
    ...(isolated && !bare?.includes(path) && ISOLATION),
    ...headers,
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
