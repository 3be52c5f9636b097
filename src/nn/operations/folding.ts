/** Inference with a scale and a shift of each channel folded into the weights in front of them. */
import { align } from '../../engine/arena.ts';
import { call } from '../../engine/call.ts';
import { together } from '../../engine/program.ts';
import type { Affine, ForwardArguments, ForwardPlan } from './operation.ts';

/**
 * The forward plan that `build` makes for weights "kernel" [rows, channels] and "bias" [channels], with those of `affine`
 * folded into them if there is one.
 */
export function foldedForward(
  affine: Affine | undefined,
  { name, rows, channels }: { readonly name: string; readonly rows: number; readonly channels: number },
  plan: ForwardArguments,
  build: (plan: ForwardArguments) => ForwardPlan,
): ForwardPlan {
  if (!affine) return build(plan);
  const { context, weights } = plan;
  const bytes = align(channels * 4);
  const [scale, shift, bias] = [
    context.allocate(bytes),
    context.allocate(3 * bytes),
    context.allocate(bytes),
  ];
  const kernel = context.allocate(rows * channels * 4);
  const none = { inputImage: 0, outputImage: 0, height: rows, width: 1, channels, scale };
  const zeros = context.zeros(bytes);
  const label = `${name} fold`;
  return {
    fold: [
      ...affine.coefficients(weights, scale, shift),
      ...together([
        call('scaleShift', label, rows, {
          ...none,
          input: weights.kernel!,
          inputRow: channels * 4,
          output: kernel,
          outputRow: channels * 4,
          shift: zeros,
        }),
        call('scaleShift', label, 1, {
          ...none,
          input: weights.bias ?? zeros,
          inputRow: 0,
          output: bias,
          outputRow: 0,
          shift,
        }),
      ]),
    ],
    ...build({ ...plan, weights: { ...weights, kernel, bias } }),
  };
}
