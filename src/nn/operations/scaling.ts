/** A scale and a shift of each channel that are known beforehand. */
import { align } from '../../engine/arena.ts';
import { together } from '../../engine/program.ts';
import type { Shape } from '../shape.ts';
import { scaleShift } from './batchNormalization.ts';
import { constants } from './constants.ts';
import type { Affine, Operation } from './operation.ts';

/** @param scale,shift  one number for each channel, or one for all */
export function scaling(
  name: string,
  shape: Shape,
  scale: readonly number[],
  shift: readonly number[],
  training: boolean,
): Operation {
  const channels = shape.at(-1)!;
  const bytes = align(channels * 4);
  const affine: Affine = {
    weights: {},
    coefficients: (_, scaleTo, shiftTo) =>
      together([
        ...constants(`${name} fold`, scaleTo, scale, channels),
        ...constants(`${name} fold`, shiftTo, shift, channels),
      ]),
  };
  return {
    name,
    outputShape: shape,
    overwrites: true,
    overwritesGradient: true,
    // While weights in front of it are trained, it must not disappear in them.
    ...(training ? {} : { affine }),
    plan: ({ context, input, output }) => {
      const [scaleTo, shiftTo] = [context.allocate(bytes), context.allocate(bytes)];
      const zeros = context.zeros(bytes);
      return {
        prepare: affine.coefficients({}, scaleTo, shiftTo),
        forward: (count) => [scaleShift(`${name} forward`, input, output, scaleTo, shiftTo, count)],
        backward: ({ dOutput, dInput }) => ({
          backward: (count) =>
            dInput ? [scaleShift(`${name} dInput`, dOutput, dInput, scaleTo, zeros, count)] : [],
        }),
      };
    },
  };
}
