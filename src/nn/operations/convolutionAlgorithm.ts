import type { Instruction } from '../../engine/program.ts';
import type { Address } from '../../engine/pointer.ts';
import type { Clamp } from '../activations/activation.ts';
import type { Margins, Padding, Pair } from '../shape.ts';
import type { View } from '../view.ts';
import type { BackwardArguments, Emit, ForwardArguments, ForwardPlan, PlanContext } from './operation.ts';

/** The settings of a convolution, complete. Kernels are HWIO; its weights are called "kernel" and "bias". */
export interface ConvolutionSpec {
  readonly name: string;
  readonly filters: number;
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  readonly dilationRate: Pair;
  readonly groups: number;
  /** What its results are clamped to. */
  readonly clamp: Clamp;
}

/**
 * Which algorithm convolutions use: `auto`, the fastest for each layer; `im2col`, the reference, for all; `winograd`
 * wherever it can be used.
 */
export const CONVOLUTION_CHOICES = ['auto', 'im2col', 'winograd'] as const;
export type ConvolutionChoice = (typeof CONVOLUTION_CHOICES)[number];

/** What both halves of a backward pass need of the forward pass. */
export interface ConvolutionBackward extends BackwardArguments, Pick<ForwardArguments, 'input' | 'weights'> {
  readonly context: PlanContext;
}

export interface FilterGradientPlan {
  readonly backward: (count: number) => readonly Instruction[];
  readonly finish: Emit;
}

export interface InputGradientPlan {
  readonly prepare: readonly Instruction[];
  /** Calls that write to different pixels. */
  readonly backward: (count: number) => readonly Instruction[];
}

/** The passes of a convolution. */
export interface ConvolutionAlgorithm {
  /** Zeros that it reads around the input, and around dOutput. */
  readonly inputMargins: Margins;
  readonly gradientMargins: Margins;
  /** Whether its results can be clamped from above as well. */
  readonly hasCeiling: boolean;
  planForward(spec: ConvolutionSpec, plan: ForwardArguments): ForwardPlan;
  /**
   * The forward pass with a 2×2 max pooling of stride 2 behind it, whose output is that of the plan.
   * @param argmax  where the winners go: [batch, height, width, filters] i32
   */
  planPooledForward?(spec: ConvolutionSpec, plan: ForwardArguments, argmax: Address): ForwardPlan;
  planFilterGradient(plan: ConvolutionBackward): FilterGradientPlan;
  planInputGradient(plan: ConvolutionBackward, dInput: View): InputGradientPlan;
}

/** Whether a convolution has a square kernel of so many taps along a side, and takes every pixel with all channels. */
export function isPlain(
  { kernelSize, strides, dilationRate, groups }: Omit<ConvolutionSpec, 'clamp'>,
  taps: number,
): boolean {
  return (
    kernelSize.every((each) => each === taps) &&
    [...strides, ...dilationRate].every((each) => each === 1) &&
    groups === 1
  );
}
