/** A training step of any network, call by call, beside what one thread can multiply: where its time goes. */
import { TIERS, type Tier } from '../../src/engine/tier.ts';
import { sgd } from '../../src/nn/optimizers/sgd.ts';
import { initializeParameters } from '../../src/nn/parameters.ts';
import { benchCommand, progress } from '../command.ts';
import { profileKernels, type KernelProfile, type KernelResult } from '../kernelProfile.ts';
import { randomBatches } from '../networkCase.ts';
import { subjectNamed, type Subject } from '../networkContenders.ts';
import { figure, percent, type Report, type Table } from '../report.ts';
import { openRoofline } from '../roofline/roofline.ts';
import { median, ratio } from '../statistics.ts';
import { measuredTiers, measureTurbo } from '../tiers.ts';

interface ProfileOptions {
  readonly network: string;
  readonly batch: number | undefined;
  readonly tier: Tier | undefined;
}

/** Different batches: enough that nothing is remembered. */
const BATCHES = 2;

/** Operations of all timed steps together, at the most: half a minute's worth or so. */
const BUDGET = 3e12;

/** Steps that even the largest network gets. */
const FEWEST = 2;

/** Calls with a smaller share of a step are left out of the chart. */
const DRAWN = 0.005;

export const profileCommand = benchCommand<ProfileOptions>(
  'profile <network>',
  'a training step of any network, call by call, on one thread',
  async (effort, _quick, { network: name, batch, tier = measuredTiers().at(-1)! }) => {
    if (tier === 'turbo') measureTurbo();
    const subject = subjectNamed(name, batch);
    const { network, operations } = subject;
    progress(`${name}, batch ${subject.batch}, ${tier}`);
    const affordable = Math.max(FEWEST, Math.floor(BUDGET / (operations.training * subject.batch)));
    const repetitions = Math.min(effort.repetitions, affordable);
    const batches = randomBatches(network, subject.batch, BATCHES);
    const profile = await profileKernels(
      {
        network,
        batch: subject.batch,
        optimizer: sgd(),
        state: {
          parameters: initializeParameters(network, 0),
          optimizer: { variables: [], steps: 0 },
        },
        images: (step) => batches[step % BATCHES]!,
      },
      tier,
      { ...effort, repetitions },
      await openRoofline(tier),
    );
    return report(subject, tier, profile, repetitions);
  },
  {
    network: { type: 'string', describe: 'which, such as airbench94' },
    batch: { type: 'number', describe: 'images in a batch (default: what networks measures it with)' },
    tier: { type: 'string', choices: TIERS, describe: 'the build (default: the fastest that is measured)' },
  },
);

/** Seconds of whole steps, one a repetition. Pure. */
export function stepSeconds(kernels: readonly KernelResult[]): number[] {
  return kernels[0]!.seconds.map((_, i) => kernels.reduce((sum, { seconds }) => sum + seconds[i]!, 0));
}

function report(
  { name, batch, operations }: Subject,
  tier: Tier,
  { kernels, roofline }: KernelProfile,
  repetitions: number,
): Report {
  const sorted = kernels.toSorted((a, b) => median(b.seconds) - median(a.seconds));
  const whole = kernels.reduce((sum, { seconds }) => sum + median(seconds), 0);
  const bits = tier === 'turbo' ? 256 : 128;
  return {
    name: `profile-${name}`,
    title: `A training step of ${name}, call by call`,
    images: 'random images',
    notes: [
      `Batch ${batch}, ${tier}, one thread, ${repetitions} steps timed call by call where they stand, medians; fresh weights, SGD. ` +
        'GFLOP/s, done: of the products that really run, a quarter of the textbook’s with Winograd’s F(4×4, 3×3), and only gradients that are not ' +
        `zero where a call is sparse. % of roofline: of ${bits}-bit multiply-adds in registers of one thread, taken before each step; for ` +
        'calls that only move data, of the bandwidth of a triad. Items: how much there is to share out among threads, for each of several calls.',
    ],
    body: [
      summary(operations.training * batch, batch, { kernels, roofline }),
      callTable(sorted, batch, whole),
    ],
    chart: {
      title: `A training step of ${name}, ${tier}, one thread, batch ${batch}: calls of at least ${DRAWN * 100} %`,
      quantity: 'time an image',
      unit: 'µs',
      bars: sorted
        .filter(({ seconds }) => median(seconds) >= DRAWN * whole)
        .map((each) => ({
          label: each.name,
          value: Number(microseconds(each, batch).toPrecision(3)),
          highlight: each.work.operations > 0,
        })),
    },
    data: { network: name, batch, build: tier, repetitions, kernels: sorted, roofline },
  };
}

function summary(textbook: number, batch: number, { kernels, roofline }: KernelProfile): string {
  const steps = stepSeconds(kernels);
  const seconds = median(steps);
  const moving = kernels.filter(({ work }) => work.operations === 0);
  const share = ratio(
    steps.map((each) => textbook / each / 1e9),
    roofline.map(({ narrow }) => narrow),
  ).median;
  return (
    `${figure((seconds / batch) * 1e6)} µs an image, ${figure(batch / seconds)} images/s, ${figure(textbook / seconds / 1e9)} textbook GFLOP/s: ` +
    `${share.toFixed(2)} times the roofline of 128-bit multiply-adds, ${figure(median(roofline.map(({ narrow }) => narrow)))} GFLOP/s. ` +
    `${percent(median(stepSeconds(moving).map((each, i) => each / steps[i]!)))} of it goes into calls without products.`
  );
}

function callTable(kernels: readonly KernelResult[], batch: number, whole: number): Table {
  return {
    title: 'Calls, the longest first',
    columns: [
      ...['call', 'kernels', 'rows × depth × columns', 'items', 'µs an image', '% of step'],
      ...['GFLOP/s, done', '% of roofline', 'GB/s'],
    ],
    rows: kernels.map((each) => {
      const { name, kernels: called, work, items, seconds, share } = each;
      const rate = (amount: number): string => (amount > 0 ? figure(amount / median(seconds) / 1e9) : '');
      return [
        name,
        called.join(', '),
        work.shape,
        items.join(', '),
        figure(microseconds(each, batch)),
        ((median(seconds) / whole) * 100).toFixed(1),
        rate(work.multiplied),
        percent(share),
        rate(work.bytes),
      ];
    }),
    words: 3,
  };
}

function microseconds({ seconds }: KernelResult, batch: number): number {
  return (median(seconds) / batch) * 1e6;
}
