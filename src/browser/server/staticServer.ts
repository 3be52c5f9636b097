/** Serves a folder to browsers on this machine, with the headers that let a page share memory between threads. */
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { OptionError } from '../../errors.ts';

export interface ServeOptions {
  /** 0 for any free one. */
  readonly port: number;
  /** Whether to take the next free port if that one is in use. */
  readonly orNext?: boolean;
}

export interface RunningServer {
  /** With a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/** Nothing but this machine can connect. */
const HOST = '127.0.0.1';

/** How many ports are tried. */
const TRIES = 20;

/**
 * What a page and its workers may load and do: nothing from elsewhere, no inline scripts or styles. The page has it too, for hosts that
 * send no headers; only a header can say that it may not be shown within another page, and only a header holds for workers.
 */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Cross-origin isolation, without which there is no shared memory; and nothing is guessed, kept, or sent elsewhere. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  // The camera is for the page itself, when somebody asks for it; nothing else that is personal is.
  'Permissions-Policy': 'camera=(self), microphone=(), geolocation=(), display-capture=()',
  'Content-Security-Policy': POLICY,
  'Cache-Control': 'no-cache',
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/**
 * @param folder  to serve; nothing outside it is, whatever links lead there
 * @throws OptionError if the port is in use or may not be used
 */
export async function serveFolder(
  folder: string,
  { port, orNext = false }: ServeOptions,
): Promise<RunningServer> {
  const root = await realpath(folder);
  const server = createServer((request, response) => {
    respond(root, request, response).catch(() => {
      // The reader went away, or the file did while it was read.
      response.destroy();
    });
  });
  const last = orNext && port !== 0 ? Math.min(port + TRIES, 65535) : port;
  for (let candidate = port; ; candidate++) {
    try {
      await listen(server, candidate);
      break;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE' && candidate < last) continue;
      const why =
        code === 'EADDRINUSE' ? 'is in use' : code === 'EACCES' ? 'may not be used' : `fails (${code})`;
      throw new OptionError(`Port ${candidate} ${why}: name another one with --port.`, { cause: error });
    }
  }
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function respond(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '' } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    refuse(response, 405, `${method} is not possible here: files can only be read.`, { Allow: 'GET, HEAD' });
    return;
  }
  const file = await findFile(root, request.url ?? '/');
  if (!file) {
    refuse(response, 404, 'There is no such file here.');
    return;
  }
  response.writeHead(200, {
    ...HEADERS,
    'Content-Type': TYPES[extname(file.path)] ?? 'application/octet-stream',
    'Content-Length': file.size,
  });
  if (method === 'HEAD') response.end();
  else await pipeline(createReadStream(file.path), response);
}

function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  const body = `${message}\n`;
  response.writeHead(status, {
    ...HEADERS,
    ...headers,
    'Content-Type': TYPES['.txt'],
    'Content-Length': Buffer.byteLength(body),
  });
  // The answer to HEAD has the length but not the text; Node leaves it out.
  response.end(body);
}

/** The file that an address stands for, if it is in the folder. */
async function findFile(root: string, url: string): Promise<{ path: string; size: number } | undefined> {
  const [address = ''] = url.split(/[?#]/, 1);
  let path: string;
  try {
    // Once: what is encoded twice is a name with a percent sign.
    path = decodeURIComponent(address);
  } catch {
    return undefined;
  }
  if (!path.startsWith('/') || path.includes('\0') || path.includes('\\')) return undefined;
  if (path.split('/').some((segment) => segment === '..')) return undefined;
  try {
    // Links are followed before the check, not after it.
    const real = await realpath(join(root, path.endsWith('/') ? `${path}index.html` : path));
    if (!real.startsWith(root + sep)) return undefined;
    const stats = await stat(real);
    return stats.isFile() ? { path: real, size: stats.size } : undefined;
  } catch {
    return undefined;
  }
}
