/** An axis that begins and ends on round numbers. */
export interface Scale {
  readonly min: number;
  readonly max: number;
  /** Distance between ticks; `max − min` is a multiple of it. */
  readonly step: number;
}

/** The least and the greatest of numbers; not as arguments of one call, for which there may be too many. */
export function extremes(values: readonly number[]): readonly [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return [low, high];
}

/**
 * Round limits around `[low, high]`, with about `steps` round steps (1, 2 or 5 times a power of ten) between them.
 *
 * @param bounds what the values can be: the limits stay inside where that leaves room
 */
export function niceScale(
  low: number,
  high: number,
  bounds: { min?: number; max?: number } = {},
  steps = 5,
): Scale {
  const { min: lowest = -Infinity, max: highest = Infinity } = bounds;
  if (high - low <= Math.abs(high) * 1e-6) {
    // All but constant: room around the value, or there would be no axis.
    const room = Math.abs(high) * 0.1 || 1;
    low = Math.max(low - room, lowest);
    high = Math.min(high + room, highest);
  }
  const step = niceStep((high - low) / steps);
  // Quotients are rounded first, for 0.6 / 0.2 is a little less than 3.
  const first = Math.floor(Number((low / step).toPrecision(12)));
  const last = Math.ceil(Number((high / step).toPrecision(12)));
  return { min: timesStep(first, step), max: timesStep(last, step), step };
}

/** The smallest of 1, 2 and 5 times a power of ten that is at least `atLeast`. */
export function niceStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= atLeast * (1 - 1e-9)) ?? 10;
  return Number((factor * power).toPrecision(1));
}

/** The numbers at which a scale has ticks. */
export function ticksOf({ min, max, step }: Scale): number[] {
  const first = Math.round(min / step);
  return Array.from({ length: Math.round((max - min) / step) + 1 }, (_, i) => timesStep(first + i, step));
}

/** A tick as text, with the decimals that its step needs. */
export function formatTick(value: number, step: number): string {
  if (value === 0) return '0';
  if (step >= 1e6 || step < 1e-6) return Number(value.toPrecision(6)).toExponential();
  return value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
}

/** Ticks for the epochs 1 to `last`: every one of the first few, otherwise 1 and multiples of a round step. */
export function epochTicks(last: number): number[] {
  const step = last <= 10 ? 1 : Math.max(5, niceStep(last / 7));
  const multiples = Array.from({ length: Math.floor(last / step) }, (_, i) => (i + 1) * step);
  return multiples[0] === 1 ? multiples : [1, ...multiples];
}

/** Without the noise in the last digits that a product of decimals has. */
function timesStep(count: number, step: number): number {
  return Number((count * step).toPrecision(12));
}
