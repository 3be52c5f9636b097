/** The forms in which zero padding and cropping take how much they add or cut off on each side. */
import { OptionError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import type { Border, Pair } from '../shape.ts';
import { pair, whole, type Size } from './options.ts';

/** The same on all sides, [above and below, left and right], or [[top, bottom], [left, right]]. */
export type BorderSize = Size | readonly [Pair, Pair];

/** @throws OptionError for what has none of the forms */
export function border(type: string, option: string, value: unknown): Border {
  const sides: unknown[] = Array.isArray(value) ? value : [value, value];
  if (sides.length !== 2) {
    throw new OptionError(
      `${type}: ${option} must be a number, two, or [[top, bottom], [left, right]], not ${quoted(value)}.`,
    );
  }
  const side = (given: unknown): Pair => {
    if (Array.isArray(given)) return pair(type, option, given, 0);
    const both = whole(type, option, given, 0);
    return [both, both];
  };
  return [side(sides[0]), side(sides[1])];
}

/** As people write it: the sides that differ, or one number for all. */
export function borderText(sides: Border): string {
  const values = sides.flat();
  return values.every((each) => each === values[0])
    ? String(values[0])
    : sides.map((side) => side.join('+')).join('×');
}
