import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadEngine, TIERS } from '../../src/engine/tier.ts';
import { EngineError } from '../../src/errors.ts';
import { compileEngine, cores } from '../../src/platform/node.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** What the module takes from outside, beginning with its memory. */
async function imports(tier: 'simd' | 'relaxed', shared: boolean): Promise<string[]> {
  const { module } = await loadEngine(tier, shared);
  return WebAssembly.Module.imports(module).map(({ module: from, name, kind }) => `${from}.${name} ${kind}`);
}

describe('loadEngine', () => {
  it.each(TIERS)('loads %s, with nothing from outside but its memory', async (tier) => {
    expect((await loadEngine(tier, false)).tier).toBe(tier);
    expect(await imports(tier, false)).toEqual(['env.memory memory']);
    expect(await imports(tier, true)).toEqual(['env.memory memory']);
  });

  it('picks the fastest that there is', async () => {
    expect((await loadEngine('auto', false)).tier).toBe('relaxed');
    expect((await loadEngine('auto', true)).tier).toBe('relaxed');
  });

  it('loads the shared build on shared memory only', async () => {
    const shared = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const plain = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    for (const tier of TIERS) {
      for (const isShared of [false, true]) {
        const { module } = await loadEngine(tier, isShared);
        const right = isShared ? shared : plain;
        const wrong = isShared ? plain : shared;
        await expect(WebAssembly.instantiate(module, { env: { memory: right } })).resolves.toBeDefined();
        await expect(WebAssembly.instantiate(module, { env: { memory: wrong } })).rejects.toThrow(
          WebAssembly.LinkError,
        );
      }
    }
  });

  it('has the same kernels in every build', async () => {
    const names = async (tier: 'simd' | 'relaxed', shared: boolean): Promise<string[]> =>
      WebAssembly.Module.exports((await loadEngine(tier, shared)).module).map(({ name }) => name);
    const expected = await names('simd', false);
    expect(expected).toContain('correlate');
    expect(await names('relaxed', false)).toEqual(expected);
    expect(await names('simd', true)).toEqual(expected);
    expect(await names('relaxed', true)).toEqual(expected);
  });

  it('does without Relaxed SIMD where it is not supported', async () => {
    const { validate } = WebAssembly;
    // f32x4.relaxed_madd is 0x105: fd 85 02.
    vi.spyOn(WebAssembly, 'validate').mockImplementation(
      (bytes) => !(bytes as Uint8Array).includes(0x85) && validate(bytes),
    );
    expect((await loadEngine('auto', false)).tier).toBe('simd');
    const attempt = loadEngine('relaxed', false);
    await expect(attempt).rejects.toThrow(EngineError);
    await expect(attempt).rejects.toThrow(
      'This runtime has no WebAssembly Relaxed SIMD: use the tier "simd" or "auto", or Node 20 or newer.',
    );
  });

  it.each(['simd', 'auto'] as const)('says so where there is no SIMD at all: %s', async (tier) => {
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    const attempt = loadEngine(tier, true);
    await expect(attempt).rejects.toThrow(EngineError);
    await expect(attempt).rejects.toThrow('This runtime has no WebAssembly SIMD');
  });
});

describe('the builds of the simd tier', () => {
  // Later versions cannot be told to do without.
  const optional = process.versions.node.startsWith('20.');
  it.runIf(optional)('have no relaxed operation: they are valid where Relaxed SIMD is off', () => {
    const file = (name: string): string =>
      fileURLToPath(new URL(`../../dist/wasm/${name}.wasm`, import.meta.url));
    const program = `
      const { readFileSync } = require('node:fs');
      const valid = process.argv.slice(1).map((file) => WebAssembly.validate(readFileSync(file)));
      console.log(JSON.stringify(valid));`;
    const files = ['simd', 'simd-shared', 'relaxed', 'relaxed-shared'].map(file);
    const run = (flags: readonly string[]): unknown =>
      JSON.parse(execFileSync(process.execPath, [...flags, '-e', program, ...files], { encoding: 'utf8' }));
    expect(run([])).toEqual([true, true, false, false]);
    expect(run(['--experimental-wasm-relaxed-simd'])).toEqual([true, true, true, true]);
  });
});

describe('the platform', () => {
  it('names the file that is missing, and what to do', async () => {
    const attempt = compileEngine('no-such-build');
    await expect(attempt).rejects.toThrow(EngineError);
    await expect(attempt).rejects.toThrow(
      /^The engine .*\/dist\/wasm\/no-such-build\.wasm cannot be read: build it with "npm run build", or reinstall simdnet\.$/,
    );
  });

  it('has at least one core', () => {
    expect(cores()).toBeGreaterThanOrEqual(1);
  });
});
