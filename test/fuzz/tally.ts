import { table } from '../../src/training/table.ts';
import type { Outcome } from './iteration.ts';
import { TARGETS } from './targets/all.ts';

/** What came of the iterations, by format. */
export class Tally {
  readonly #rows = new Map(
    TARGETS.map(({ name }) => [
      name,
      {
        counts: { result: 0, 'typed error': 0, failure: 0 },
        slowest: { value: 0, iteration: 0 },
        largest: { value: 0, iteration: 0 },
      },
    ]),
  );

  add({ target, kind, seconds, memory }: Outcome, iteration: number): void {
    const { counts, slowest, largest } = this.#rows.get(target)!;
    counts[kind]++;
    if (seconds > slowest.value) Object.assign(slowest, { value: seconds, iteration });
    if (memory > largest.value) Object.assign(largest, { value: memory, iteration });
  }

  text(): string {
    const numeric = [
      'iterations',
      'results',
      'typed errors',
      'slowest',
      '(iteration)',
      'most memory',
      '(iteration)',
      'failures',
    ];
    const rows = [...this.#rows].map(([name, { counts, slowest, largest }]) => [
      name,
      String(counts.result + counts['typed error'] + counts.failure),
      String(counts.result),
      String(counts['typed error']),
      `${(slowest.value * 1000).toFixed(0)} ms`,
      String(slowest.iteration),
      `${(largest.value / 2 ** 20).toFixed(0)} MB`,
      String(largest.iteration),
      String(counts.failure),
    ]);
    return table(
      [{ title: 'format' }, ...numeric.map((title) => ({ title, numeric: true }))],
      rows,
      Infinity,
    );
  }
}
