/** The roofline of one core in one tier: what it can multiply and add at best, and how fast memory streams. */
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chooseTier, type Tier } from '../../src/engine/tier.ts';

/** One look at the machine. */
export interface RooflineSample {
  /** GFLOP/s in the widest vectors of the tier; a multiply-add counts as two operations. */
  readonly peak: number;
  /** GFLOP/s in vectors of 128 bits. */
  readonly narrow: number;
  /** GB/s of a copy: bytes read plus bytes written. */
  readonly copy: number;
  /** GB/s of a triad, a[i] = b[i] + s · c[i]: bytes read plus bytes written. */
  readonly triad: number;
}

export interface Roofline {
  sample(): RooflineSample;
}

interface Exports {
  multiplyAdds(rounds: number, a: number, b: number): number;
  wideMultiplyAdds(rounds: number, a: number, b: number, to: number): void;
  copy(from: number, to: number, bytes: number): void;
  triad(a: number, b: number, to: number, bytes: number, factor: number): void;
}

/** Bytes of each array that is streamed: three of them are far beyond any cache. */
const ARRAY = 64 * 2 ** 20;

/** The compiler takes as much memory as a training and gives it back to nobody: it runs in a process of its own. */
const COMPILER = `
import { readFileSync, writeSync } from 'node:fs';
import compiler from 'assemblyscript/asc';
const { source, options } = JSON.parse(readFileSync(0, 'utf8'));
const { error, binary } = await compiler.compileString(source, options);
if (error) throw error;
writeSync(1, Buffer.from(binary).toString('base64'));
`;

/** Where its packages are found from. */
const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** A few milliseconds' worth. */
const ROUNDS = 2_000_000;

/** Operations of a round: so many sums of four lanes, a multiplication and an addition in each. */
export const OPERATIONS = { narrow: 12 * 4 * 2, wide: 20 * 4 * 2 };

/** Compiles the loops as the engine is compiled (asconfig.json) and runs them until V8 has optimised them. */
export async function openRoofline(tier: Tier): Promise<Roofline> {
  chooseTier(tier);
  const pages = (3 * ARRAY) / 65536;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { instance } = await WebAssembly.instantiate(await compileLoops(tier), {
    env: { memory, abort: () => undefined },
  });
  const loops = instance.exports as unknown as Exports;
  const narrow = (): number =>
    (ROUNDS * OPERATIONS.narrow) / seconds(() => loops.multiplyAdds(ROUNDS, 0.75, 0.25)) / 1e9;
  const wide = (): number =>
    (ROUNDS * OPERATIONS.wide) /
    seconds(() => {
      loops.wideMultiplyAdds(ROUNDS, 0.75, 0.25, 0);
    }) /
    1e9;
  const multiplied = (): Pick<RooflineSample, 'peak' | 'narrow'> => {
    const narrowly = narrow();
    return { peak: tier === 'turbo' ? wide() : narrowly, narrow: narrowly };
  };
  const roofline: Roofline = {
    sample: () => ({
      ...multiplied(),
      copy:
        (2 * ARRAY) /
        seconds(() => {
          loops.copy(0, ARRAY, ARRAY);
        }) /
        1e9,
      triad:
        (3 * ARRAY) /
        seconds(() => {
          loops.triad(0, ARRAY, 2 * ARRAY, ARRAY, 3);
        }) /
        1e9,
    }),
  };
  for (let i = 0; i < 5; i++) roofline.sample();
  return roofline;
}

/** The loops' binary. */
export async function compileLoops(tier: Tier): Promise<Uint8Array<ArrayBuffer>> {
  const source = await readFile(new URL('roofline.as', import.meta.url), 'utf8');
  const config = JSON.parse(await readFile(new URL('../../asconfig.json', import.meta.url), 'utf8')) as {
    readonly options: { readonly runPasses: readonly string[] };
  };
  const options = {
    runtime: 'stub',
    importMemory: true,
    noAssert: true,
    optimizeLevel: 0,
    shrinkLevel: 0,
    runPasses: config.options.runPasses.join(','),
    enable: tier === 'simd' ? ['simd'] : ['simd', 'relaxed-simd'],
  };
  const compiled = spawnSync(process.execPath, ['--input-type=module', '--eval', COMPILER], {
    cwd: PROJECT,
    input: JSON.stringify({ source, options }),
    encoding: 'utf8',
  });
  if (compiled.status !== 0) throw new Error(`roofline.as does not compile: ${compiled.stderr}`);
  return new Uint8Array(Buffer.from(compiled.stdout, 'base64'));
}

function seconds(run: () => unknown): number {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}
