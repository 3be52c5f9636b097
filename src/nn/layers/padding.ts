/** The option `padding` of layers that move windows over images. */
import { OptionError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import type { Padding } from '../shape.ts';
import { border, borderText, type BorderSize } from './borders.ts';

/** 'valid', 'same', or how much: on each side, [above and below, left and right], or [[top, bottom], [left, right]]. */
export type PaddingOption = 'valid' | 'same' | BorderSize;

/** @returns 'valid' also for sizes that are all zero @throws OptionError for what has none of the forms */
export function paddingOption(type: string, value: unknown = 'valid'): Padding {
  if (value === 'valid' || value === 'same') return value;
  if (typeof value !== 'number' && !Array.isArray(value)) {
    throw new OptionError(
      `${type}: padding must be valid, same, a number, two, or [[top, bottom], [left, right]], not ${quoted(value)}.`,
    );
  }
  const sides = border(type, 'padding', value);
  return sides.flat().every((each) => each === 0) ? 'valid' : sides;
}

/** As the page writes it behind what a layer does; nothing for 'valid' and 'same'. */
export function paddingText(padding: Padding): string {
  return typeof padding === 'string' ? '' : `, padding ${borderText(padding)}`;
}
