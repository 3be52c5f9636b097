/** Dropout: what is dropped is drawn again in the backward pass, so that nothing is kept for it. */
import { call } from '../../engine/call.ts';
import type { Instruction } from '../../engine/program.ts';
import type { Shape } from '../shape.ts';
import { place, type View } from '../view.ts';
import type { Operation } from './operation.ts';
import { randomness } from './randomness.ts';

export interface DropoutSettings {
  /** How many values become zero, of all; the others grow by 1 / (1 − rate). */
  readonly rate: number;
  /** What its draws start from; the network's seed if left out. */
  readonly seed?: number;
  /** Whether all of an image's channel, not each value by itself, is kept or dropped. */
  readonly channels: boolean;
}

export function dropoutOperation(name: string, shape: Shape, settings: DropoutSettings): Operation {
  return {
    name,
    outputShape: shape,
    overwrites: true,
    overwritesGradient: true,
    plan: ({ context, input, output }) => {
      const seed = settings.seed ?? context.seed;
      const pass = (label: string, from: View, to: View, count: number): Instruction =>
        drop(name, `${name} ${label}`, settings, seed, from, to, count);
      return {
        prepare: [],
        forward: (count) => [pass('forward', input, output, count)],
        backward: ({ dOutput, dInput }) => ({
          backward: (count) => (dInput ? [pass('dInput', dOutput, dInput, count)] : []),
        }),
      };
    },
  };
}

function drop(
  name: string,
  label: string,
  { rate, channels }: DropoutSettings,
  seed: number,
  from: View,
  to: View,
  count: number,
): Instruction {
  const draws = {
    ...place('input', from),
    ...place('output', to),
    height: to.height,
    // The kernels take it for unsigned, and know no probability of 1.
    threshold: Math.min(Math.round(rate * 0x100000000), 0xffffffff),
    scale: 1 / (1 - rate),
    ...randomness(`dropout ${name}`, seed),
  } as const;
  const items = count * to.height;
  return channels
    ? call('spatialDropout', label, items, { ...draws, width: to.width, channels: to.channels })
    : call('dropout', label, items, { ...draws, length: to.width * to.channels });
}
