/** Where and when figures were taken. */
import { arch, cpus, loadavg, platform, totalmem } from 'node:os';
import { cores } from '#platform';
import { loadEngine, type Tier } from '../src/engine/tier.ts';
import { describeImages } from './images.ts';
import { openThreadRoofline } from './roofline/threads.ts';
import { vectorUnits } from './vectorUnits.ts';

export interface Environment {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  /** How wide the vectors of native code are; nothing where the system does not tell, and in results of before 0.7.0. */
  readonly vectors?: string | undefined;
  readonly memory: string;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  /** The fastest build of the engine that this runtime takes. */
  readonly tier: Tier;
  /** The images that everything is measured on, unless the report names others. */
  readonly images: string;
  /** Of all cores at once, before the benchmark began; nothing in results of before 0.7.0. */
  readonly roofline?: {
    /** GFLOP/s of 128-bit multiply-adds. */
    readonly gigaflops: number;
    /** GB/s of a triad. */
    readonly bandwidth: number;
  };
  /** How many processes wanted to run before the benchmark began, on average over a minute: disturbed if well above 0. */
  readonly load: number;
}

export async function environment(): Promise<Environment> {
  // The look at the roofline would be a load of its own.
  const [load] = loadavg() as [number, number, number];
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]!.model.trim(),
    cores: cores(),
    vectors: await vectorUnits(),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${platform()} ${arch()}`,
    node: process.version,
    v8: process.versions.v8,
    tier: (await loadEngine('auto', true)).tier,
    images: describeImages(),
    roofline: await lookAtRoofline(),
    load: Number(load.toFixed(2)),
  };
}

async function lookAtRoofline(): Promise<Required<Environment>['roofline']> {
  const roofline = await openThreadRoofline(cores());
  try {
    const gigaflops = await roofline.peak();
    return { gigaflops, bandwidth: await roofline.bandwidth() };
  } finally {
    await roofline.close();
  }
}

/** @param images  what was measured on, if it was not the environment's */
export function describeEnvironment(e: Environment, images = e.images): string {
  const vectors = e.vectors === undefined ? '' : ` with ${e.vectors}`;
  const machine = `${e.cpu}${vectors}, ${e.cores} core${e.cores > 1 ? 's' : ''}, ${e.memory}, ${e.system}`;
  const roofline = e.roofline
    ? `${e.roofline.gigaflops.toFixed(0)} GFLOP/s of 128-bit multiply-adds and ${e.roofline.bandwidth.toFixed(0)} GB/s in all cores, `
    : '';
  return (
    `${e.date} · ${machine} · Node ${e.node} · V8 ${e.v8} · fastest tier: ${e.tier} · ${images} · ` +
    `before: ${roofline}load ${e.load}`
  );
}

/** One thread and all of them. */
export function threadCounts(): number[] {
  return [...new Set([1, cores()])];
}

/** "1 thread", "2 threads". */
export function threadText(threads: number): string {
  return `${threads} thread${threads > 1 ? 's' : ''}`;
}
