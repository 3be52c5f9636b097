import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { kernelsModule } from '../../assembly/signatures.mjs';
import { call } from '../../src/engine/call.ts';
import { KERNELS } from '../../src/engine/kernels.ts';
import { BUILDS, engineModule } from '../assembly/harness.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('src/engine/kernels.ts', () => {
  it('is what the sources of the engine have: run `npm run build:wasm` after changing them', async () => {
    const written = readFileSync(new URL('../../src/engine/kernels.ts', import.meta.url), 'utf8');
    expect(await kernelsModule(root)).toBe(written);
  });

  it.each(BUILDS)('names every function of the build %s, and no others', (build) => {
    const exported = WebAssembly.Module.exports(engineModule(build))
      .filter(({ kind }) => kind === 'function')
      .map(({ name }) => name);
    // Only tests draw so many numbers by themselves.
    const others = ['barrier', 'memoryStart', ...(build === 'debug' ? ['randomLines'] : [])];
    expect(exported.sort()).toEqual([...Object.keys(KERNELS), ...others].sort());
  });

  it('never gives an argument twice', () => {
    for (const [kernel, names] of Object.entries(KERNELS)) {
      expect(new Set<string>(names).size, kernel).toBe(names.length);
    }
  });
});

describe('call', () => {
  it('puts arguments in the order of the source', () => {
    const instruction = call('sumRows', 'loss', 1, { target: 8, values: 64, rows: 'step' });
    expect(instruction).toEqual({ label: 'loss', kernel: 'sumRows', arguments: [64, 'step', 8], items: 1 });
  });
});
