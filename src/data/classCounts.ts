import type { LabelledImages } from './dataset.ts';

export interface ClassCounts {
  readonly count: number;
  /** Images of each class, by index. */
  readonly classCounts: readonly number[];
}

export function countClasses({ labels, count, classNames }: LabelledImages): ClassCounts {
  const classCounts = new Array<number>(classNames.length).fill(0);
  for (const label of labels) classCounts[label]!++;
  return { count, classCounts };
}
