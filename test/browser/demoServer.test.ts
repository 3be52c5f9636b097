import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveFolder, type RunningServer } from '../../src/browser/server/staticServer.ts';
import { OptionError } from '../../src/errors.ts';

let folder: string;
let server: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simdnet-server-'));
  const site = join(folder, 'site');
  await mkdir(join(site, 'sub'), { recursive: true });
  await mkdir(join(folder, 'site-next-door'));
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'site-next-door/secret.txt'), 'secret');
  await writeFile(join(site, 'index.html'), '<p>hello');
  await writeFile(join(site, 'a b.js'), 'export {};');
  await writeFile(join(site, 'engine.wasm'), Buffer.of(0, 0x61, 0x73, 0x6d));
  await writeFile(join(site, 'unknown.xyz'), '?');
  await writeFile(join(site, '%2e%2e'), 'a strange name');
  await symlink(join(folder, 'secret.txt'), join(site, 'link.txt'));
  await symlink(folder, join(site, 'up'));
  await symlink(join(folder, 'site-next-door'), join(site, 'next'));
  await symlink(join(site, 'index.html'), join(site, 'inside.html'));
  server = await serveFolder(site, { port: 0 });
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Sends a request just as it is written: fetch and http would tidy the path up. */
function raw(path: string, method = 'GET'): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  return text(socket);
}

describe('the server of the page', () => {
  it.each([
    ['', 'text/html; charset=utf-8', '<p>hello'],
    ['index.html?x=1#y', 'text/html; charset=utf-8', '<p>hello'],
    ['a%20b.js', 'text/javascript; charset=utf-8', 'export {};'],
    ['engine.wasm', 'application/wasm', '\0asm'],
    ['unknown.xyz', 'application/octet-stream', '?'],
    ['inside.html', 'text/html; charset=utf-8', '<p>hello'],
  ])('serves /%s as %s', async (path, type, contents) => {
    const response = await fetch(server.url + path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(await response.text()).toBe(contents);
  });

  it('sends the headers of cross-origin isolation, always', async () => {
    for (const [path, method] of [
      ['', 'GET'],
      ['engine.wasm', 'GET'],
      ['nothing', 'GET'],
      ['', 'POST'],
    ] as const) {
      const { headers } = await fetch(server.url + path, { method });
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('permissions-policy')).toMatch(/^camera=\(self\), microphone=\(\)/);
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none';.*; frame-ancestors 'none'$/,
      );
    }
  });

  it('answers HEAD with the length and nothing else', async () => {
    const answer = await raw('/index.html', 'HEAD');
    expect(answer).toMatch(/^HTTP\/1\.1 200/);
    expect(answer).toMatch(/content-length: 8\r\n/i);
    expect(answer).toMatch(/\r\n\r\n$/);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])('refuses %s', async (method) => {
    const answer = await raw('/', method);
    expect(answer).toMatch(/^HTTP\/1\.1 405/);
    expect(answer).toMatch(/\r\nallow: GET, HEAD\r\n/i);
    expect(answer).toContain(`${method} is not possible here`);
  });

  it.each([
    '/nothing',
    '/sub',
    '/sub/',
    '/../secret.txt',
    '/sub/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/%2E%2E%2Fsecret.txt',
    '/..%2fsecret.txt',
    '/%252e%252e/secret.txt',
    '/%252e%252e%252fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/%2e%2e%2fsite-next-door/secret.txt',
    '/../site-next-door/secret.txt',
    '/link.txt',
    '/up/secret.txt',
    '/next/secret.txt',
    '/up/site/index.html/../../../secret.txt',
    '/index.html%00.txt',
    '/%00',
    '/%',
    '/%zz',
    '/%c0%ae%c0%ae/secret.txt',
    '/index.html/',
    '//secret.txt',
    '//127.0.0.1/../secret.txt',
    'http://localhost/../secret.txt',
    '*',
  ])('has nothing at %s', async (path) => {
    const answer = await raw(path);
    expect(answer).toMatch(/^HTTP\/1\.1 404/);
    expect(answer).toContain('There is no such file here.');
    expect(answer).not.toContain('secret\n');
  });

  it('takes a name with percent signs for what it is', async () => {
    expect(await (await fetch(`${server.url}%252e%252e`)).text()).toBe('a strange name');
  });

  it('listens on this machine only', () => {
    expect(new URL(server.url).hostname).toBe('127.0.0.1');
  });

  it('takes the next port if the one by default is in use, and says so if the one named is', async () => {
    const port = Number(new URL(server.url).port);
    const next = await serveFolder(folder, { port, orNext: true });
    expect(Number(new URL(next.url).port)).toBeGreaterThan(port);
    await next.close();
    await expect(serveFolder(folder, { port })).rejects.toThrow(OptionError);
    await expect(serveFolder(folder, { port })).rejects.toThrow(
      `Port ${port} is in use: name another one with --port.`,
    );
  });
});

describe('npm run demo', () => {
  const main = fileURLToPath(new URL('../../src/browser/server/main.ts', import.meta.url));

  function demo(...args: string[]) {
    return spawn(process.execPath, ['--conditions=simdnet-source', '--import', 'tsx', main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  it.each([
    ['--port', 'http', /--port must be a whole number from 0 to 65535, not "http"/],
    ['--port', '65536', /--port must be a whole number from 0 to 65535, not "65536"/],
    ['--host', '0.0.0.0', /Unknown option '--host'/],
  ])('refuses %s %s', async (name, value, message) => {
    const child = demo(name, value);
    const ended = new Promise((resolve) => child.once('close', resolve));
    expect(await text(child.stderr)).toMatch(message);
    expect(await ended).toBe(2);
  });
});
