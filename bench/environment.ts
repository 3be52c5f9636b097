/** Where and when figures were taken. */
import { arch, cpus, loadavg, platform, totalmem } from 'node:os';
import { cores } from '#platform';
import { loadEngine, type Tier } from '../src/engine/tier.ts';
import { describeImages } from './images.ts';

export interface Environment {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory: string;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  /** The fastest build of the engine that this runtime takes. */
  readonly tier: Tier;
  /** What was trained on. */
  readonly images: string;
  /** How many processes wanted to run before the benchmark began, on average over a minute: disturbed if well above 0. */
  readonly load: number;
}

export async function environment(): Promise<Environment> {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]!.model.trim(),
    cores: cores(),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${platform()} ${arch()}`,
    node: process.version,
    v8: process.versions.v8,
    tier: (await loadEngine('auto', true)).tier,
    images: describeImages(),
    load: Number(loadavg()[0]!.toFixed(2)),
  };
}

export function describeEnvironment(e: Environment): string {
  const machine = `${e.cpu}, ${e.cores} core${e.cores > 1 ? 's' : ''}, ${e.memory}, ${e.system}`;
  return `${e.date} · ${machine} · Node ${e.node} · V8 ${e.v8} · fastest tier: ${e.tier} · ${e.images} · load before: ${e.load}`;
}

/** One thread and all of them. */
export function threadCounts(): number[] {
  return [...new Set([1, cores()])];
}

/** "1 thread", "2 threads". */
export function threadText(threads: number): string {
  return `${threads} thread${threads > 1 ? 's' : ''}`;
}
