/** The figures of the engine that are promised beside its speed. */
import type { Tier } from '../../src/engine/tier.ts';
import { threadCounts, threadText } from '../environment.ts';
import { im2colNetwork, im2colShares, profileKernels, type Im2colShares } from '../kernelProfile.ts';
import { measure, type Effort } from '../measure.ts';
import type { Profile } from '../profile.ts';
import { percent, type Table } from '../report.ts';
import { openRoofline } from '../roofline/roofline.ts';
import { median, ratio, type Quartiles } from '../statistics.ts';
import { measuredTiers } from '../tiers.ts';
import { BATCH, createSession, network, settle, trainSteps, tutorialSubject } from '../tutorialCase.ts';
import { workOf } from '../work.ts';

/** Steps of one timed run. */
const STEPS = 16;

export interface Promises {
  /** A training step in all threads ÷ one thread. */
  readonly threads: ReadonlyMap<Tier, Quartiles>;
  readonly im2col: ReadonlyMap<Tier, Im2colShares>;
}

export async function measurePromises(effort: Effort): Promise<Promises> {
  const threads = new Map<Tier, Quartiles>();
  const im2col = new Map<Tier, Im2colShares>();
  for (const tier of measuredTiers()) {
    threads.set(tier, await measureThreads(tier, effort));
    const profile = await profileKernels(
      await tutorialSubject(im2colNetwork),
      tier,
      effort,
      await openRoofline(tier),
    );
    im2col.set(tier, im2colShares(profile));
  }
  return { threads, im2col };
}

/** In turn, unlike the rates, which are taken for one number of threads after the other. */
async function measureThreads(tier: Tier, effort: Effort): Promise<Quartiles> {
  const sessions = await Promise.all(threadCounts().map((threads) => createSession(tier, threads)));
  for (const session of sessions) await settle(session);
  const taken = await measure(
    sessions.map((session) => ({
      name: threadText(session.threads),
      images: STEPS * BATCH,
      run: () => trainSteps(session, STEPS),
    })),
    effort,
  );
  await Promise.all(sessions.map((session) => session.dispose()));
  return ratio(taken.at(-1)!.rates, taken[0]!.rates);
}

/** The share of a step's time that goes into calls without any product. Pure. */
export function movingShare(profiles: readonly Profile[]): number {
  const seconds = (chosen: readonly Profile[]): number =>
    chosen.reduce((sum, each) => sum + median(each.seconds), 0);
  const moving = profiles.filter(
    ({ label, calls, density }) => workOf(network, label, calls, BATCH, density).operations === 0,
  );
  return seconds(moving) / seconds(profiles);
}

/** @param simdToRelaxed  of training rates taken in turn, by thread count */
export function promiseTable(
  { threads, im2col }: Promises,
  profiles: ReadonlyMap<Tier, readonly Profile[]>,
  simdToRelaxed: ReadonlyMap<number, number>,
): Table {
  const row = (what: string, promised: string, cell: (tier: Tier) => string): string[] => [
    what,
    promised,
    ...measuredTiers().map(cell),
  ];
  const all = threadText(threadCounts().at(-1)!);
  return {
    title: 'Promised figures',
    columns: ['what', 'promised', ...measuredTiers()],
    words: 2,
    rows: [
      row('moving data only, share of a step', 'at most 25 %', (tier) =>
        percent(movingShare(profiles.get(tier)!)),
      ),
      row('im2col forward, share of the roofline', 'at least 90 %', (tier) =>
        percent(im2col.get(tier)!.forward),
      ),
      row('im2col backward, share of the roofline', 'at least 80 %', (tier) =>
        percent(im2col.get(tier)!.backward),
      ),
      row(`training, ${all} ÷ 1 thread`, 'at least 1.85 for 2', (tier) =>
        threads.get(tier)!.median.toFixed(2),
      ),
      ...[...simdToRelaxed].map(([count, value]) =>
        row(`training, simd ÷ relaxed, ${threadText(count)}`, 'at least 0.65', (tier) =>
          tier === 'simd' ? value.toFixed(2) : '',
        ),
      ),
    ],
  };
}
