/** Numbers that a layer is given: one for all channels, or one for each. */
import { OptionError } from '../../errors.ts';
import { finite, numbers } from '../numberOptions.ts';

export type PerChannel = number | readonly number[];

/** @throws OptionError for what is neither a number nor a list of them */
export function perChannel(
  type: string,
  option: string,
  value: unknown,
  check: typeof finite = finite,
): PerChannel {
  if (!Array.isArray(value)) return check(type, option, value);
  if (value.length === 0) throw new OptionError(`${type}: ${option} must not be empty.`);
  return numbers(type, option, value, check);
}

/** The numbers as a list. @throws OptionError if there are neither as many as channels nor one */
export function listOf(
  layer: string,
  option: string,
  value: PerChannel,
  channels: number,
): readonly number[] {
  const list = typeof value === 'number' ? [value] : value;
  if (list.length === 1 || list.length === channels) return list;
  throw new OptionError(
    `Layer "${layer}": ${option} has ${list.length} numbers, but its input ${channels} channels.`,
  );
}
