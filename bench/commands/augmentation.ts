/** What it costs to change images at random in training: steps with and without, in turn. */
import { augmentationsOf } from '../../src/cli/augmentation.ts';
import type { Tier } from '../../src/engine/tier.ts';
import { augmented } from '../../src/nn/augmented.ts';
import { benchCommand, progress } from '../command.ts';
import { threadCounts, threadText } from '../environment.ts';
import { measure, type Effort } from '../measure.ts';
import { percent, type Report, type Table } from '../report.ts';
import { ratio, type Quartiles } from '../statistics.ts';
import { AUGMENTATIONS } from '../../src/training/augmentationWords.ts';
import { measuredTiers } from '../tiers.ts';
import { BATCH, createSession, network, settle, trainSteps } from '../tutorialCase.ts';

/** Steps of one timed run. */
const STEPS = 8;

const SEVERAL = ['flip,shift', 'flip,shift,rotate,zoom,brightness,contrast,saturation,cutout'] as const;

/** Of a step; what is above is named. */
const PROMISED = 0.05;

interface Cost {
  readonly augment: string;
  readonly tier: Tier;
  readonly threads: number;
  /** The time of a step ÷ that of one without. */
  readonly ratio: Quartiles;
}

export const augmentationCommand = benchCommand<{ readonly several: boolean }>(
  'augmentation',
  'what changing images at random adds to a training step',
  async (effort, _quick, { several }) => {
    const costs: Cost[] = [];
    const words = several ? SEVERAL : [...SEVERAL, ...AUGMENTATIONS];
    for (const tier of measuredTiers())
      for (const threads of threadCounts()) costs.push(...(await measureCosts(words, tier, threads, effort)));
    return report(words, costs, effort);
  },
  { several: { type: 'boolean', default: false, describe: 'several at once, and none alone' } },
);

async function measureCosts(
  words: readonly string[],
  tier: Tier,
  threads: number,
  effort: Effort,
): Promise<Cost[]> {
  progress(`${tier}, ${threadText(threads)}`);
  const networks = [undefined, ...words].map((word) => augmented(network, augmentationsOf(word, network)));
  const sessions = await Promise.all(networks.map((each) => createSession(tier, threads, BATCH, each)));
  for (const session of sessions) await settle(session);
  const [plain, ...others] = await measure(
    sessions.map((session, i) => ({
      name: words[i - 1] ?? 'none',
      images: STEPS * BATCH,
      run: () => trainSteps(session, STEPS),
    })),
    effort,
  );
  await Promise.all(sessions.map((session) => session.dispose()));
  return others.map(({ name, rates }) => ({
    augment: name,
    tier,
    threads,
    ratio: ratio(plain!.rates, rates),
  }));
}

function report(words: readonly string[], costs: readonly Cost[], { repetitions }: Effort): Report {
  const columns = measuredTiers().flatMap((tier) => threadCounts().map((threads) => ({ tier, threads })));
  const cell = (augment: string, { tier, threads }: (typeof columns)[number]): string => {
    const { median, low, high } = costs.find(
      (cost) => cost.augment === augment && cost.tier === tier && cost.threads === threads,
    )!.ratio;
    return `${percent(median - 1)} (${percent(low - 1)} to ${percent(high - 1)})`;
  };
  const table: Table = {
    title: 'Added to a step',
    columns: ['--augment', ...columns.map(({ tier, threads }) => `${tier}, ${threadText(threads)}`)],
    rows: words.map((word) => [word, ...columns.map((column) => cell(word, column))]),
  };
  const above = costs.filter((cost) => cost.ratio.median - 1 > PROMISED);
  return {
    name: 'augmentation',
    title: 'What augmentation costs',
    notes: [
      `Training steps of the tutorial's network, batch ${BATCH}, with and without, in turn: the median of ${repetitions} ratios, ` +
        'and the quartiles.',
    ],
    body: [
      table,
      above.length === 0
        ? `All at most ${percent(PROMISED)}.`
        : `More than ${percent(PROMISED)}: ${above.map(({ augment, tier, threads }) => `${augment} (${tier}, ${threadText(threads)})`).join('; ')}.`,
    ],
    chart: {
      title: 'What augmentation adds to a training step, in all threads',
      quantity: 'time of a step ÷ without',
      unit: '×',
      bars: costs
        .filter(({ tier, threads }) => tier === measuredTiers().at(-1) && threads === threadCounts().at(-1))
        .map((cost) => ({ label: cost.augment, value: cost.ratio.median })),
    },
    data: { costs },
  };
}
