/** How everything here is timed: warmed up first, repeated, and taken in turn, so that ratios hold while a machine drifts. */
import { setTimeout } from 'node:timers/promises';

/** Something that can be run again and again. */
export interface Contender {
  readonly name: string;
  /** Images that one run works through. */
  readonly images: number;
  readonly run: () => Promise<unknown>;
}

/** Rates in images/s, one a repetition, in the order they were taken. */
export interface Measurement {
  readonly name: string;
  readonly images: number;
  readonly rates: readonly number[];
}

export interface Effort {
  /** Timed runs of each contender. */
  readonly repetitions: number;
  /** Seconds that each runs before the first timed one. */
  readonly warmUp: number;
}

/** Seconds that a contender runs after a rest and before it is timed: so long cores may take to wake up. */
export const WAKE = 0.1;

/** Runs each contender until it is warm, then all of them in turn, `repetitions` times. */
export async function measure(contenders: readonly Contender[], effort: Effort): Promise<Measurement[]> {
  for (const { run } of contenders) await warmUp(run, effort.warmUp);
  const rates = contenders.map((): number[] => []);
  for (let repetition = 0; repetition < effort.repetitions; repetition++) {
    for (const [i, { images, run }] of contenders.entries()) {
      await rest();
      await warmUp(run, WAKE);
      rates[i]!.push(images / (await secondsOf(run)));
    }
  }
  return contenders.map(({ name, images }, i) => ({ name, images, rates: rates[i]! }));
}

/** Before each timed run: threads that another contender keeps spinning for a while fall asleep. */
export async function rest(): Promise<void> {
  await setTimeout(50);
}

/** Runs it for `seconds`, once at least. */
export async function warmUp(run: () => Promise<unknown>, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  do await run();
  while (performance.now() < end);
}

export async function secondsOf(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}
