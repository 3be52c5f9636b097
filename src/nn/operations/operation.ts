/** What a network is made of once its layers are taken apart: each operation knows how it is computed, forward and backward. */
import type { Address } from '../../engine/pointer.ts';
import type { Instruction, Register } from '../../engine/program.ts';
import type { ActivationDefinition } from '../activations/activation.ts';
import type { Margins, Shape } from '../shape.ts';
import type { Memory, View } from '../view.ts';

/** Where an operation may put what it needs. */
export interface PlanContext extends Memory {
  /** Whether this is for training; otherwise nothing is kept for a backward pass. */
  readonly training: boolean;
  /** The most images that a batch can have. */
  readonly batch: number;
  /** What random streams of this network start from. */
  readonly seed: number;
  /** Memory of each thread's own, for the calls that are given it. */
  scratch(bytes: number): Address | Register;
  /** Memory that is always zero. */
  zeros(bytes: number): Address;
  /** What comes with the images of a batch; in training only. */
  readonly companions?: Companions;
}

/** What a batch brings along besides its images. */
export interface Companions {
  /** [batch] of two u32: which example each image is, and how often it has been seen before. */
  readonly examples: Address;
  /** [batch, targetSize]: an operation that mixes images puts others in their place. */
  targets: Address;
  readonly targetSize: number;
}

/** Addresses of weights, or of their gradients, by the names that the operation has for them. */
export type Addresses = Readonly<Record<string, Address | undefined>>;

/** Asks for programs to be written for a batch of `count` images. */
export type Emit = (count: number) => readonly Instruction[];

export interface ForwardArguments {
  readonly context: PlanContext;
  /** The first of the inputs, for operations that have one. */
  readonly input: View;
  readonly inputs: readonly View[];
  /** Where it goes; an input itself, if the operation {@link Operation.overwrites} it. */
  readonly output: View;
  readonly weights: Addresses;
}

export interface BackwardArguments {
  /** The gradient of what the operation computes, before its {@link Operation.epilogue}. */
  readonly dOutput: View;
  /** Where the gradient of the first input goes; nowhere where nobody needs it. */
  readonly dInput: View | undefined;
  readonly dInputs: readonly (View | undefined)[];
  /** Of the weights that are trained. */
  readonly gradients: Addresses;
}

export interface ForwardPlan {
  /** Changes the weights as the packing wants them; once after they have changed, and before `prepare`. */
  readonly fold?: readonly Instruction[];
  /** Packs the weights; once after they have changed. These calls are independent of any other's. */
  readonly prepare: readonly Instruction[];
  readonly forward: Emit;
  /** Plans the backward pass; left out where there is none. */
  backward?(plan: BackwardArguments): BackwardPlan;
}

export interface BackwardPlan {
  /** Packs the weights for the backward pass; once after they have changed. */
  readonly prepare?: readonly Instruction[];
  readonly backward: Emit;
  /** Sums over shards, when `backward` is through; independent of any other's. */
  readonly finish?: Emit;
}

export interface Operation {
  /** Of the layer that it belongs to; profiles are grouped by it. */
  readonly name: string;
  readonly outputShape: Shape;
  /** The network's names of the weights that it uses, by its own names for them. */
  readonly weights?: Readonly<Record<string, string>>;
  /** Zeros that it reads around its input, and around its dOutput. */
  readonly inputMargins?: Margins;
  readonly gradientMargins?: Margins;
  /** What its backward pass reads of the forward pass. */
  readonly keepsInput?: boolean;
  readonly keepsOutput?: boolean;
  /** Whether its output may take the place of an input of the same shape, and dInput that of dOutput. */
  readonly overwrites?: boolean;
  readonly overwritesGradient?: boolean;
  /** True if all that it reads and writes must lie without margins. */
  readonly compact?: boolean;
  /** True if its output is its input's values in another shape. */
  readonly reshapes?: boolean;
  /** True if the gradient of its input sums up to zero in each channel, over all images and pixels. */
  readonly centersGradient?: boolean;
  /** True if the gradient of each of its inputs is dOutput itself. */
  readonly passesGradient?: boolean;
  /** An activation that its output has gone through, whose derivative is taken from that output. */
  readonly epilogue?: ActivationDefinition;
  /** Set if it is nothing but an activation, a scale and a shift of each channel, a 2×2 max pooling two apart. */
  readonly activation?: ActivationDefinition;
  readonly affine?: Affine;
  readonly pools2x2?: boolean;
  /** The operation and what comes behind it as one, if that can be; see fusion.ts. */
  withActivation?(activation: ActivationDefinition, training: boolean): Operation | undefined;
  withAffine?(affine: Affine): Operation | undefined;
  withPooling?(pooling: Operation): Operation | undefined;
  plan(plan: ForwardArguments): ForwardPlan;
}

/** Each channel multiplied by a number, and another added to it. */
export interface Affine {
  /** The network's names of the weights that the coefficients are made of. */
  readonly weights: Readonly<Record<string, string>>;
  /** Calls that write the coefficients, [channels] float32 each, and use twice as much room behind the shift. */
  coefficients(weights: Addresses, scale: Address, shift: Address): readonly Instruction[];
}
