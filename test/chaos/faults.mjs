/**
 * Loaded before the command line, by `node --import`: counts what it does to files, and at a given operation kills the process
 * or reports a full disk, as CHAOS_FAULT says.
 *
 *   { "kind": "count", "to": FILE }            writes how many operations there were when the process ends
 *   { "kind": "kill", "at": N, "half": BOOL }  kills before operation N; of a write, behind its first half
 *   { "kind": "full", "from": N, "to": M }     operations that need room fail from N to M, with ENOSPC
 */
import { writeFileSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

const fault = JSON.parse(process.env.CHAOS_FAULT ?? '{}');
let operations = 0;

function full(operation) {
  return Object.assign(new Error(`ENOSPC: no space left on device, ${operation}`), { code: 'ENOSPC' });
}

/** @param half  does half of the operation */
async function before(operation, half = () => undefined) {
  const number = ++operations;
  if (fault.kind === 'kill' && number === fault.at) {
    if (fault.half) await half();
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined);
  }
  const needsRoom = ['open', 'write', 'mkdir', 'link', 'sync'].includes(operation);
  if (fault.kind === 'full' && needsRoom && number >= fault.from && number <= fault.to) throw full(operation);
}

/** The first half of what is written. */
function halfOf(content) {
  return content.slice(0, Math.floor(content.length / 2));
}

function watch(handle) {
  const { writeFile, sync, close } = handle;
  handle.writeFile = async (content, ...rest) => {
    await before('write', () => writeFile.call(handle, halfOf(content)));
    return writeFile.call(handle, content, ...rest);
  };
  handle.sync = async () => {
    await before('sync');
    return sync.call(handle);
  };
  handle.close = async () => {
    // What is open must be closed, even if there is no room.
    await before('close');
    return close.call(handle);
  };
  return handle;
}

// The engine's threads write nothing.
if (isMainThread && fault.kind) {
  const { open, writeFile } = files;
  for (const name of ['rename', 'rm', 'mkdir', 'link', 'rmdir']) {
    const original = files[name];
    files[name] = async (...args) => {
      await before(name);
      return original(...args);
    };
  }
  files.open = async (path, flags, ...rest) => {
    if (flags === undefined || flags === 'r') {
      // Only folders are opened to be synchronised; what is read is none of this.
      return open(path, flags, ...rest);
    }
    await before('open');
    return watch(await open(path, flags, ...rest));
  };
  files.writeFile = async (path, content, ...rest) => {
    await before('write', () => writeFile(path, halfOf(content), ...rest));
    return writeFile(path, content, ...rest);
  };
  syncBuiltinESMExports();
  if (fault.kind === 'count') process.on('exit', () => writeFileSync(fault.to, String(operations)));
}
