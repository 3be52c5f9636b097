/** Training steps and inference by batch size and thread count, and where the time of a step goes. */
import type { Tier } from '../../src/engine/tier.ts';
import type { Session } from '../../src/nn/session.ts';
import { benchCommand, progress } from '../command.ts';
import { threadCounts, threadText } from '../environment.ts';
import { measure, type Contender, type Effort, type Measurement } from '../measure.ts';
import { onnxruntimeNode } from '../peers/onnxruntimeNode.ts';
import { checkProbabilities } from '../peers/peer.ts';
import { profileStep, type Profile } from '../profile.ts';
import { figure, spread, type Report, type Table } from '../report.ts';
import { median, quartiles, ratio, type Quartiles } from '../statistics.ts';
import { measuredTiers } from '../tiers.ts';
import {
  BATCH,
  createSession,
  predictBatches,
  settle,
  trainSteps,
  tutorialSubject,
} from '../tutorialCase.ts';
import { measurePromises, promiseTable, type Promises } from './promises.ts';

const SIZES = [1, 16, BATCH, 256];

/** Images that one timed run works through at least, and batches at least: enough for the threads to be fed ahead. */
const RUN = { images: 256, batches: 2, mostBatches: 64 };

/** Passes with a smaller share of a step are left out of the chart. */
const DRAWN = 0.005;

interface RateRow extends Measurement {
  readonly threads: number;
  readonly batch: number;
  /** ÷ onnxruntime-node's inference with as many threads at the same batch size. */
  readonly ratio?: Quartiles;
}

interface TierProfile {
  readonly tier: Tier;
  readonly profiles: readonly Profile[];
}

export const stepCommand = benchCommand(
  ['step', '$0'],
  'training steps and inference by batch size and threads, beside onnxruntime-node, and the time of each layer',
  async (effort, quick) => {
    const rates: RateRow[] = [];
    for (const threads of threadCounts()) {
      for (const size of quick ? [1, BATCH] : SIZES) {
        progress(`${threadText(threads)}, batch ${size}`);
        rates.push(...(await measureRates(threads, size, effort)));
      }
    }
    const layers: TierProfile[] = [];
    for (const tier of measuredTiers()) {
      progress(`${tier}: layers`);
      layers.push({ tier, profiles: await profileStep(await tutorialSubject(), tier, effort) });
    }
    progress('promised figures');
    return report(rates, layers, await measurePromises(effort), effort);
  },
);

async function measureRates(threads: number, size: number, effort: Effort): Promise<RateRow[]> {
  const batches = Math.max(RUN.batches, Math.min(RUN.mostBatches, RUN.images / size));
  const images = batches * size;
  const native = size === BATCH ? await onnxruntimeNode({ threads, batch: size, batches }) : undefined;
  const expected = await native?.predict(1);
  const contenders: Contender[] = native
    ? [{ name: 'onnxruntime-node inference', images, run: () => native.predict(batches) }]
    : [];
  const sessions: Session[] = [];
  for (const tier of measuredTiers()) {
    const session = await createSession(tier, threads, size);
    sessions.push(session);
    if (expected) checkProbabilities(`simdnet ${tier}`, await predictBatches(session, 1), expected);
    await settle(session);
    contenders.push(
      { name: `simdnet ${tier} training`, images, run: () => trainSteps(session, batches, size) },
      { name: `simdnet ${tier} inference`, images, run: () => predictBatches(session, batches, size) },
    );
  }
  const taken = await measure(contenders, effort);
  await Promise.all([...sessions.map((session) => session.dispose()), native?.close()]);
  return taken.map((each) => ({
    ...each,
    threads,
    batch: size,
    ...(native ? { ratio: ratio(each.rates, taken[0]!.rates) } : {}),
  }));
}

function report(
  rates: readonly RateRow[],
  layers: readonly TierProfile[],
  promises: Promises,
  { repetitions }: Effort,
): Report {
  const { tier, profiles } = layers.at(-1)!;
  return {
    name: 'step',
    title: 'Training steps and inference',
    notes: [
      `The tutorial's network, medians of ${repetitions} repetitions with quartiles, all contenders of a row's batch size and thread ` +
        'count taken in turn. ÷ native is the ratio to onnxruntime-node’s inference in the same repetition. A step is conversion of the ' +
        'bytes, forward, loss, backward, reduction and Adam, each on a fresh batch, in the midst of a training: how many gradients are ' +
        'zero, and need no work, depends on it.',
    ],
    body: [
      rateTable(rates),
      `The time of each layer’s passes: batch ${BATCH}, one thread, ${repetitions} steps timed call by call where they stand.`,
      layerTable(layers),
      passTable(layers),
      promiseTable(
        promises,
        new Map(layers.map(({ tier: of, profiles: all }) => [of, all])),
        simdToRelaxed(rates),
      ),
      'Moving data: the input, packing, poolings and activations that are calls of their own, sums, the loss and Adam. Poolings ' +
        'and lists of gradients that are a part of a convolution’s call are not in this share.',
    ],
    chart: {
      title: `A training step, ${tier}, one thread, batch ${BATCH}: passes of at least ${DRAWN * 100} %`,
      quantity: 'time an image',
      unit: 'µs',
      bars: profiles
        .map(({ label, seconds }) => ({ label, value: Number(microseconds(seconds).toPrecision(3)) }))
        .filter(({ value }) => value >= DRAWN * total(profiles)),
    },
    data: {
      repetitions,
      rates,
      layers: layers.map((each) => ({
        tier: each.tier,
        batch: BATCH,
        passes: each.profiles.map(({ label, seconds, density }) => ({ label, seconds, density })),
      })),
      promises: {
        threads: Object.fromEntries(promises.threads),
        im2col: Object.fromEntries(promises.im2col),
      },
    },
  };
}

/** The ratio of training rates at batch {@link BATCH}, by thread count. */
function simdToRelaxed(rates: readonly RateRow[]): Map<number, number> {
  const find = (tier: Tier, threads: number): RateRow =>
    rates.find(
      (row) => row.name === `simdnet ${tier} training` && row.batch === BATCH && row.threads === threads,
    )!;
  return new Map(
    threadCounts().map((threads) => [
      threads,
      ratio(find('simd', threads).rates, find('relaxed', threads).rates).median,
    ]),
  );
}

function rateTable(rates: readonly RateRow[]): Table {
  return {
    title: 'Rates',
    columns: ['threads', 'batch', 'what', 'images/s (quartiles)', '÷ native'],
    rows: rates.map((row) => [
      String(row.threads),
      String(row.batch),
      row.name,
      spread(quartiles(row.rates)),
      row.ratio ? row.ratio.median.toFixed(3) : '',
    ]),
    words: 3,
  };
}

/** Every labelled call, in the order of the step. */
function passTable(layers: readonly TierProfile[]): Table {
  const totals = layers.map(({ profiles }) => total(profiles));
  const rows = layers[0]!.profiles.map(({ label }, row) => [
    label,
    ...layers.flatMap(({ profiles }, i) => cells(microseconds(profiles[row]!.seconds), totals[i]!)),
  ]);
  rows.push(['all', ...totals.flatMap((each) => cells(each, each))]);
  return { title: 'Passes of a step', columns: ['pass', ...tierColumns(layers)], rows };
}

/** The same, summed up by layer into packing of the weights, forward and backward. */
function layerTable(layers: readonly TierProfile[]): Table {
  const totals = layers.map(({ profiles }) => total(profiles));
  const names = [...new Set(layers[0]!.profiles.map(({ label }) => part(label)))];
  return {
    title: 'Layers of a step',
    columns: ['layer', ...tierColumns(layers)],
    rows: names.map((name) => [
      name,
      ...layers.flatMap(({ profiles }, i) =>
        cells(total(profiles.filter(({ label }) => part(label) === name)), totals[i]!),
      ),
    ]),
  };
}

/** "conv2d_1 forward", "conv2d_1 backward", or what belongs to no layer: "input", "loss", "adam". */
function part(label: string): string {
  const [name, pass] = label.split(' ');
  if (!pass) return label;
  return `${name} ${pass === 'forward' || pass === 'pack' ? pass : 'backward'}`;
}

function tierColumns(layers: readonly TierProfile[]): string[] {
  return layers.flatMap(({ tier }) => [`${tier}, µs an image`, 'share']);
}

function cells(value: number, whole: number): string[] {
  return [figure(value), `${((value / whole) * 100).toFixed(1)} %`];
}

function total(profiles: readonly Profile[]): number {
  return profiles.reduce((sum, { seconds }) => sum + microseconds(seconds), 0);
}

function microseconds(seconds: readonly number[]): number {
  return (median(seconds) / BATCH) * 1e6;
}
