/** How everything here is timed: warmed up first, repeated, interleaved, and quoted as median and quartiles. */

/** Something that can be run again and again. */
export interface Contender {
  readonly name: string;
  /** Images that one run works through. */
  readonly images: number;
  readonly run: () => Promise<void>;
}

/** Rates in images/s, one a repetition, in the order they were taken. */
export interface Measurement {
  readonly name: string;
  readonly rates: readonly number[];
}

export interface Quartiles {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Runs each contender until it has had `warmUp` seconds, then all of them in turn, `repetitions` times. */
export async function measure(
  contenders: readonly Contender[],
  { repetitions, warmUp }: { repetitions: number; warmUp: number },
): Promise<Measurement[]> {
  for (const { run } of contenders) {
    const end = performance.now() + warmUp * 1000;
    while (performance.now() < end) await run();
  }
  const rates = contenders.map((): number[] => []);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const [i, { images, run }] of contenders.entries()) {
      const start = performance.now();
      await run();
      rates[i]!.push((images * 1000) / (performance.now() - start));
    }
  }
  return contenders.map(({ name }, i) => ({ name, rates: rates[i]! }));
}

/** Quartiles by linear interpolation. */
export function quartiles(values: readonly number[]): Quartiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => {
    const position = share * (sorted.length - 1);
    const below = Math.floor(position);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below]! + (sorted[above]! - sorted[below]!) * (position - below);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** The ratio of two measurements that were taken in turn, repetition by repetition. */
export function ratio(a: Measurement, b: Measurement): Quartiles {
  return quartiles(a.rates.map((rate, i) => rate / b.rates[i]!));
}
