import { bar, firstThatFits } from './text.ts';
import { count } from './units.ts';

/** How far an evaluation is. */
export function evaluationLine(seen: number, total: number, width: number): string {
  const text = `${Math.floor((100 * seen) / total)}% of ${count(total)} images`;
  return firstThatFits(width, [`Testing ${bar(seen / total, 24)} ${text}`, `Testing ${text}`]);
}
