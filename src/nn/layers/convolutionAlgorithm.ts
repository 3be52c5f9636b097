import type { Instruction } from '../../engine/program.ts';
import type { Margins, Padding, Pair } from '../shape.ts';
import type { View } from '../view.ts';
import type { Activation, BackwardArguments, Emit, ForwardArguments, ForwardPlan } from './layer.ts';

/** The options of a convolution, complete. Kernels are HWIO. */
export interface Conv2dSpec {
  readonly type: 'conv2d';
  readonly name: string;
  readonly filters: number;
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  readonly activation: Activation;
}

export function is3x3WithStride1({ kernelSize, strides }: Conv2dSpec): boolean {
  return kernelSize[0] === 3 && kernelSize[1] === 3 && strides[0] === 1 && strides[1] === 1;
}

/**
 * Which algorithm convolutions use: `auto`, the fastest for each layer; `im2col`, the reference, for all; `winograd`
 * wherever it can be used.
 */
export const CONVOLUTION_CHOICES = ['auto', 'im2col', 'winograd'] as const;
export type ConvolutionChoice = (typeof CONVOLUTION_CHOICES)[number];

export interface FilterGradientPlan {
  readonly backward: (count: number) => Instruction;
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
  planForward(plan: ForwardArguments): ForwardPlan;
  /**
   * The forward pass with a 2×2 max pooling of stride 2 behind it, whose output is that of the plan.
   * @param argmax  where the winners go: [batch, height, width, filters] i32
   */
  planPooledForward(plan: ForwardArguments, argmax: number): ForwardPlan;
  planFilterGradient(plan: BackwardArguments): FilterGradientPlan;
  planInputGradient(plan: BackwardArguments, dInput: View): InputGradientPlan;
}
