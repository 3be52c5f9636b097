/** Every kernel of a training step against the roofline of the machine, in each tier, on one thread. */
import type { Tier } from '../../src/engine/tier.ts';
import { benchCommand, progress } from '../command.ts';
import { isSparse } from '../density.ts';
import {
  im2colNetwork,
  im2colShares,
  profileKernels,
  type Im2colShares,
  type KernelResult,
} from '../kernelProfile.ts';
import type { Effort } from '../measure.ts';
import { figure, percent, spread, type Report, type Table } from '../report.ts';
import { openRoofline, type RooflineSample } from '../roofline/roofline.ts';
import { median, quartiles } from '../statistics.ts';
import { measuredTiers } from '../tiers.ts';
import { movingSubject } from '../movingCase.ts';
import { BATCH, tutorialSubject } from '../tutorialCase.ts';

interface TierResult {
  readonly tier: Tier;
  readonly roofline: readonly RooflineSample[];
  /** Those in place, and those of the convolutions and poolings where all convolutions use im2col. */
  readonly kernels: readonly KernelResult[];
  /** Those of the network of what moves data. */
  readonly moving: readonly KernelResult[];
  readonly im2col: Im2colShares;
}

export const kernelsCommand = benchCommand(
  'kernels',
  'every kernel of a training step against the roofline of this machine, on one thread',
  async (effort) => {
    const results: TierResult[] = [];
    for (const tier of measuredTiers()) {
      progress(`${tier}: kernels of a training step`);
      results.push(await measureTier(tier, effort));
    }
    return report(results, effort);
  },
);

async function measureTier(tier: Tier, effort: Effort): Promise<TierResult> {
  const roofline = await openRoofline(tier);
  const inPlace = await profileKernels(await tutorialSubject(), tier, effort, roofline);
  const im2col = await profileKernels(await tutorialSubject(im2colNetwork), tier, effort, roofline);
  const moving = await profileKernels(movingSubject(), tier, effort, roofline);
  const reference = im2col.kernels.filter(({ name }) => /^(conv|max_pooling).* (forward|d)/.test(name));
  return {
    tier,
    roofline: [...inPlace.roofline, ...im2col.roofline, ...moving.roofline],
    kernels: [...inPlace.kernels, ...reference.map((each) => ({ ...each, name: `${each.name}, im2col` }))],
    moving: moving.kernels,
    im2col: im2colShares(im2col),
  };
}

function report(results: readonly TierResult[], { repetitions }: Effort): Report {
  const best = results.at(-1)!;
  return {
    name: 'kernels',
    title: 'Kernels against the roofline',
    notes: [
      `The tutorial's network, batch ${BATCH}, one thread, ${repetitions} training steps timed call by call where they stand, ` +
        'so that caches are as the step leaves them. Medians, with quartiles of the time. The roofline is taken before each step, ' +
        'and a share is the median of the shares at the same moment.',
      'GFLOP/s, effective: operations of the direct convolution or product, a multiply-add being two. GFLOP/s, done: those ' +
        'really done in products, a quarter with Winograd’s F(4×4, 3×3), four ninths with F(2×2, 3×3); its transforms take time but ' +
        'count as nothing. ' +
        '“pooled”: the 2×2 pooling behind the convolution is a part of the call. “sparse”: only the gradients behind such a pooling ' +
        'that are not zero are multiplied, on average so many of those of the convolution’s output, and making lists of them takes time too. ' +
        '% of roofline: of what register-only multiply-adds reach, by the operations really done; for kernels that only move data, ' +
        'of the bandwidth of a triad far beyond the caches, by the bytes that must move. More than 100 % means that they were still in a cache.',
      'The last table of a tier is a network made of what only moves data, with random images and fresh weights. Depthwise ' +
        'convolutions read and write about as much as they multiply: they have both shares.',
    ],
    body: results.flatMap((result) => [
      rooflineTable(result),
      productTable(result),
      `${result.tier}: im2col’s convolutions together reach ${percent(result.im2col.forward)} of the roofline forward and ` +
        `${percent(result.im2col.backward)} backward.`,
      movingTable(`${result.tier}: everything else`, result.kernels),
      movingTable(`${result.tier}: a network of what moves data`, result.moving),
    ]),
    chart: {
      title: `Share of the roofline, ${best.tier}, one thread, batch ${BATCH}`,
      quantity: 'share of the multiply-adds the core can do',
      unit: '%',
      bars: best.kernels
        .filter(({ work }) => work.operations > 0)
        .map(({ name, share, kernels }) => ({
          label: name + algorithm(kernels),
          value: Number((share * 100).toFixed(1)),
          highlight: !name.includes('im2col'),
        })),
    },
    data: { batch: BATCH, repetitions, tiers: results },
  };
}

function rooflineTable({ tier, roofline }: TierResult): Table {
  const row = (name: string, unit: string, pick: (sample: RooflineSample) => number): string[] => {
    const values = roofline.map(pick);
    return [name, unit, spread(quartiles(values)), figure(Math.max(...values))];
  };
  return {
    title: `${tier}: the roofline`,
    columns: ['of one core', 'unit', 'median (quartiles)', 'best'],
    rows: [
      row('multiply-adds in registers', 'GFLOP/s', ({ peak }) => peak),
      row('copy, 64 MiB to 64 MiB', 'GB/s', ({ copy }) => copy),
      row('triad, 3 × 64 MiB', 'GB/s', ({ triad }) => triad),
    ],
    words: 2,
  };
}

function productTable({ tier, kernels }: TierResult): Table {
  return {
    title: `${tier}: matrix products`,
    columns: [
      'pass',
      'kernel',
      'rows × depth × columns',
      'µs an image',
      'GFLOP/s, effective',
      'GFLOP/s, done',
      '% of roofline',
    ],
    rows: kernels
      .filter(({ work }) => work.operations > 0)
      .map(({ name, kernels: called, work, seconds, share }) => [
        name,
        called.join(', '),
        work.shape,
        perImage(seconds),
        figure(work.operations / median(seconds) / 1e9),
        figure(work.multiplied / median(seconds) / 1e9),
        percent(share),
      ]),
    words: 3,
  };
}

function movingTable(title: string, kernels: readonly KernelResult[]): Table {
  return {
    title,
    columns: ['pass', 'kernel', 'µs an image', 'KB an image', 'GB/s', '% of bandwidth', '% of multiply-adds'],
    rows: kernels
      .filter(({ work }) => work.bytes > 0)
      .map(({ name, kernels: called, work, seconds, share, streamed }) => [
        name,
        called.join(', '),
        perImage(seconds),
        figure(work.bytes / BATCH / 1e3),
        figure(work.bytes / median(seconds) / 1e9),
        percent(streamed ?? share),
        streamed === undefined ? '' : percent(share),
      ]),
    words: 2,
  };
}

function perImage(seconds: readonly number[]): string {
  const { median: middle, low, high } = quartiles(seconds.map((each) => (each / BATCH) * 1e6));
  return spread({ median: middle, low, high });
}

function algorithm(kernels: readonly string[]): string {
  if (kernels.some(isSparse)) return ', sparse';
  return kernels.some((kernel) => kernel.startsWith('winograd')) ? ', Winograd' : '';
}
