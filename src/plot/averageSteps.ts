/** The steps of a training, as many as can be drawn. Pure. */

/** The metrics at a step, counted from 1. */
export interface StepValues {
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** More points would be closer to each other than the line is wide. */
export const MOST_POINTS = 160;

/** Means over so many neighbouring steps that at most `most` points are left; a point stands at its last step. */
export function averageSteps(steps: readonly StepValues[], most: number): StepValues[] {
  const each = Math.ceil(steps.length / most);
  if (each <= 1) return [...steps];
  return Array.from({ length: Math.ceil(steps.length / each) }, (_, i) => {
    const group = steps.slice(i * each, (i + 1) * each);
    const mean = (of: (values: StepValues) => number): number =>
      group.reduce((sum, values) => sum + of(values), 0) / group.length;
    return {
      step: group.at(-1)!.step,
      loss: mean(({ loss }) => loss),
      accuracy: mean(({ accuracy }) => accuracy),
    };
  });
}
