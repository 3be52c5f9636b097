/** A convolution as an operation, by whichever algorithm suits it, and what it can be fused with. */
import { together } from '../../engine/program.ts';
import { NO_CLAMP, type ActivationDefinition } from '../activations/activation.ts';
import { chooseAlgorithm } from '../algorithms.ts';
import { windowGeometry, type Shape, type WindowGeometry } from '../shape.ts';
import type { ConvolutionAlgorithm, ConvolutionChoice, ConvolutionSpec } from './convolutionAlgorithm.ts';
import { foldedForward } from './folding.ts';
import type { Affine, BackwardArguments, BackwardPlan, ForwardArguments, Operation } from './operation.ts';
import { pooledConvolution, suitsPooling, type Fold } from './pooledConvolution.ts';

/** The network's names of a convolution's weights; there may be no bias. */
export interface ConvolutionWeights {
  readonly kernel: string;
  readonly bias?: string;
}

/** @param choice  the algorithm to use where the convolution suits it; `auto` is the fastest */
export function convolution(
  spec: Omit<ConvolutionSpec, 'clamp'>,
  weights: ConvolutionWeights,
  input: Shape,
  choice: ConvolutionChoice,
): Operation {
  const geometry = windowGeometry(
    input,
    spec.kernelSize,
    spec.strides,
    spec.padding,
    spec.name,
    spec.dilationRate,
  );
  const whole: ConvolutionSpec = { ...spec, clamp: NO_CLAMP };
  const algorithm = chooseAlgorithm(whole, geometry, input, choice);
  return fusible({ spec: whole, weights, input, geometry, algorithm, choice });
}

/** What a convolution is made of, and what has been fused into it. */
interface Parts {
  readonly spec: ConvolutionSpec;
  readonly weights: ConvolutionWeights;
  readonly input: Shape;
  readonly geometry: WindowGeometry;
  readonly algorithm: ConvolutionAlgorithm;
  readonly choice: ConvolutionChoice;
  readonly epilogue?: ActivationDefinition;
  readonly affine?: Affine;
}

function fusible(parts: Parts): Operation {
  const { spec, weights, geometry, algorithm, epilogue, affine } = parts;
  const operation: Operation = {
    name: spec.name,
    outputShape: [geometry.height, geometry.width, spec.filters],
    weights: { ...weights, ...affine?.weights },
    inputMargins: algorithm.inputMargins,
    gradientMargins: algorithm.gradientMargins,
    keepsInput: true,
    keepsOutput: epilogue !== undefined,
    ...(epilogue && { epilogue }),
    plan: (plan) => ({
      ...foldedForward(affine, matrix(parts), plan, (folded) => algorithm.planForward(spec, folded)),
      backward: (backward) => planBackward(algorithm, plan, backward),
    }),
  };
  if (epilogue) return withPooling(operation, parts);
  return {
    ...withPooling(operation, parts),
    withActivation: ({ clamp, ...activation }, training) =>
      clamp && (clamp.ceiling === Infinity || algorithm.hasCeiling) && (!training || activation.fromOutput)
        ? fusible({ ...parts, spec: { ...spec, clamp }, epilogue: { ...activation, clamp } })
        : undefined,
    ...(affine ? {} : { withAffine: (behind) => fusible({ ...parts, affine: behind }) }),
  };
}

/** The kernel as a matrix. */
function matrix({ spec, input }: Parts): { name: string; rows: number; channels: number } {
  const { name, kernelSize, groups, filters } = spec;
  return { name, rows: (kernelSize[0] * kernelSize[1] * input[2]!) / groups, channels: filters };
}

function withPooling(operation: Operation, parts: Parts): Operation {
  const { spec, geometry, algorithm, choice, affine } = parts;
  if (choice !== 'auto' || !algorithm.planPooledForward || !suitsPooling(spec)) return operation;
  const fold: Fold = (plan, build) => foldedForward(affine, matrix(parts), plan, build);
  return {
    ...operation,
    withPooling: (pooling) => pooledConvolution(spec, geometry, algorithm, operation, pooling, fold),
  };
}

function planBackward(
  algorithm: ConvolutionAlgorithm,
  { context, input, weights }: ForwardArguments,
  backward: BackwardArguments,
): BackwardPlan {
  const plan = { ...backward, context, input, weights };
  const filter = backward.gradients.kernel === undefined ? undefined : algorithm.planFilterGradient(plan);
  const toInput = backward.dInput && algorithm.planInputGradient(plan, backward.dInput);
  return {
    prepare: toInput?.prepare ?? [],
    backward: (count) => together([...(filter?.backward(count) ?? []), ...(toInput?.backward(count) ?? [])]),
    finish: (count) => filter?.finish(count) ?? [],
  };
}
