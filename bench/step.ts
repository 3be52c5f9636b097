/** Training steps and inference in images/s, beside what native inference reaches in the same run. */
import { cores } from '#platform';
import { TIERS } from '../src/engine/tier.ts';
import { measure, quartiles, ratio, type Contender, type Measurement } from './measure.ts';
import { onnxruntimeNode } from './peers/onnxruntimeNode.ts';
import { BATCH, createSession, predictBatches, trainSteps } from './tutorialCase.ts';

/** Batches in one timed run. */
const RUN = 4;

/** A peer whose probabilities are further off than this computes something else. */
const TOLERANCE = 1e-4;

export interface StepResult {
  readonly measurements: readonly Measurement[];
  /** Each of our rates divided by onnxruntime-node's inference with as many threads. */
  readonly ratios: readonly {
    readonly name: string;
    readonly median: number;
    readonly low: number;
    readonly high: number;
  }[];
}

/** @param repetitions  timed runs of each contender */
export async function benchStep(repetitions: number): Promise<StepResult> {
  const threadCounts = [...new Set([1, cores()])];
  const measurements: Measurement[] = [];
  const ratios: StepResult['ratios'][number][] = [];
  for (const threads of threadCounts) {
    const suffix = `${threads} thread${threads > 1 ? 's' : ''}`;
    const native = await onnxruntimeNode(threads, RUN);
    const contenders: Contender[] = [
      {
        name: `onnxruntime-node inference, ${suffix}`,
        images: RUN * BATCH,
        run: async () => {
          for (let index = 0; index < RUN; index++) await native.predict(index);
        },
      },
    ];
    const sessions = [];
    for (const tier of TIERS) {
      const session = await createSession(tier, threads);
      sessions.push(session);
      compare(`simdnet ${tier}`, (await predictBatches(session, 1))[0]!, await native.predict(0));
      const training = async (): Promise<void> => trainSteps(session, RUN);
      const inference = async (): Promise<void> => {
        await predictBatches(session, RUN);
      };
      contenders.push(
        { name: `simdnet ${tier} training, ${suffix}`, images: RUN * BATCH, run: training },
        { name: `simdnet ${tier} inference, ${suffix}`, images: RUN * BATCH, run: inference },
      );
    }
    const taken = await measure(contenders, { repetitions, warmUp: 1 });
    measurements.push(...taken);
    ratios.push(...taken.slice(1).map((each) => ({ name: each.name, ...ratio(each, taken[0]!) })));
    await Promise.all(sessions.map((session) => session.dispose()));
  }
  return { measurements, ratios };
}

/** @throws if the two do not compute the same */
function compare(name: string, ours: Float32Array, theirs: Float32Array): void {
  const worst = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0);
  if (!(worst <= TOLERANCE))
    throw new Error(`${name} and onnxruntime-node differ by ${worst}: nothing was timed.`);
}

/** The table for people. */
export function formatStep({ measurements, ratios }: StepResult): string {
  const rows = measurements.map(({ name, rates }) => {
    const { median, low, high } = quartiles(rates);
    const found = ratios.find((each) => each.name === name);
    return [
      name.padEnd(42),
      median.toFixed(0).padStart(8),
      `${low.toFixed(0)}–${high.toFixed(0)}`.padStart(14),
      (found ? found.median.toFixed(3) : '').padStart(10),
    ].join('');
  });
  const header = [
    'batch 64'.padEnd(42),
    'images/s'.padStart(8),
    'quartiles'.padStart(14),
    '÷ native'.padStart(10),
  ];
  return [header.join(''), ...rows].join('\n');
}
