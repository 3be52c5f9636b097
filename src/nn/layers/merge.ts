/** Layers of several inputs: their sum, their difference, their product. */
import { OptionError } from '../../errors.ts';
import type { Instruction } from '../../engine/program.ts';
import { addViews } from '../operations/copies.ts';
import { broadcastShape, elementwise, scaleView } from '../operations/elementwise.ts';
import type { Operation } from '../operations/operation.ts';
import type { Shape } from '../shape.ts';
import { merged, type Applicable, type SymbolicTensor } from '../symbolic.ts';
import type { View } from '../view.ts';
import type { BuildContext, BuiltLayer, LayerDefinition, Spec } from './definition.ts';
import { common, type LayerOptions } from './options.ts';

export type MergeOptions = Omit<LayerOptions, 'inputShape'>;

export interface AddData extends Spec {
  readonly type: 'add';
}

export interface SubtractData extends Spec {
  readonly type: 'subtract';
}

export interface MultiplyData extends Spec {
  readonly type: 'multiply';
}

/**
 * The sum of its inputs, of which there are two or more: a layer, or, given a list of tensors, its output for them. Where one has an extent of 1, or none, it is used again and again.
 * @throws OptionError for an unknown option
 */
export function add(options?: MergeOptions): AddData & Applicable;
export function add(inputs: readonly SymbolicTensor[], options?: MergeOptions): SymbolicTensor;
export function add(
  first?: MergeOptions | readonly SymbolicTensor[],
  options?: MergeOptions,
): (AddData & Applicable) | SymbolicTensor {
  return merged(addDefinition, first, options);
}

/** The first input less the second, broadcast as {@link add} does. @throws OptionError for an unknown option */
export function subtract(options?: MergeOptions): SubtractData & Applicable;
export function subtract(inputs: readonly SymbolicTensor[], options?: MergeOptions): SymbolicTensor;
export function subtract(
  first?: MergeOptions | readonly SymbolicTensor[],
  options?: MergeOptions,
): (SubtractData & Applicable) | SymbolicTensor {
  return merged(subtractDefinition, first, options);
}

/** The product of its inputs, broadcast as {@link add} does. @throws OptionError for an unknown option */
export function multiply(options?: MergeOptions): MultiplyData & Applicable;
export function multiply(inputs: readonly SymbolicTensor[], options?: MergeOptions): SymbolicTensor;
export function multiply(
  first?: MergeOptions | readonly SymbolicTensor[],
  options?: MergeOptions,
): (MultiplyData & Applicable) | SymbolicTensor {
  return merged(multiplyDefinition, first, options);
}

export const addDefinition: LayerDefinition<AddData> = {
  type: 'add',
  inputs: 'several',
  parse: (options) => ({ type: 'add', ...common('add', options, []) }),
  build: ({ type }, context) => buildMerge(type, Infinity, context),
  describe: () => 'sum of its inputs',
};

export const subtractDefinition: LayerDefinition<SubtractData> = {
  type: 'subtract',
  inputs: 'several',
  parse: (options) => ({ type: 'subtract', ...common('subtract', options, []) }),
  build: ({ type }, context) => buildMerge(type, 2, context),
  describe: () => 'difference of its inputs',
};

export const multiplyDefinition: LayerDefinition<MultiplyData> = {
  type: 'multiply',
  inputs: 'several',
  parse: (options) => ({ type: 'multiply', ...common('multiply', options, []) }),
  build: ({ type }, context) => buildMerge(type, Infinity, context),
  describe: () => 'product of its inputs',
};

/** @param most  how many inputs it takes at most */
function buildMerge(
  type: 'add' | 'subtract' | 'multiply',
  most: number,
  { name, inputShapes }: BuildContext,
): BuiltLayer {
  if (inputShapes.length < 2 || inputShapes.length > most) {
    const wanted = most === 2 ? 'two inputs' : 'two inputs or more';
    throw new OptionError(`Layer "${name}": ${type} takes ${wanted}, not ${inputShapes.length}.`);
  }
  const outputShape = broadcastShape(inputShapes);
  if (!outputShape) {
    const list = inputShapes.map((shape) => `[${shape.join(', ')}]`).join(' and ');
    throw new OptionError(
      `Layer "${name}": ${type} takes inputs of one shape, but for extents of 1, not ${list}.`,
    );
  }
  const alike = inputShapes.every((shape) => shape.join() === outputShape.join());
  const operation =
    alike && type !== 'multiply'
      ? sumOf(name, outputShape, type === 'add' ? 1 : -1)
      : elementwise(name, type, inputShapes);
  return { outputShape, operations: () => [operation] };
}

/** @param sign  of all inputs but the first */
function sumOf(name: string, outputShape: Shape, sign: 1 | -1): Operation {
  return {
    name,
    outputShape,
    overwrites: true,
    passesGradient: sign === 1,
    plan: ({ inputs, output }) => ({
      prepare: [],
      forward: (count) => sums(`${name} forward`, inputs, output, sign, count),
      backward: ({ dOutput, dInputs }) => ({
        backward: (count) =>
          dInputs.flatMap((dInput, i) =>
            dInput ? [scaleView(`${name} dInput`, dOutput, dInput, i === 0 ? 1 : sign, count)] : [],
          ),
      }),
    }),
  };
}

/** The output may be the memory of any of the inputs: that one must not be written before it has been read. */
function sums(
  label: string,
  inputs: readonly View[],
  output: View,
  sign: 1 | -1,
  count: number,
): readonly Instruction[] {
  const [first, ...others] = inputs as [View, ...View[]];
  const taken = others.findIndex(({ address }) => address === output.address);
  // A sum of three and more can begin with the one that is written over.
  if (taken > 0) others.unshift(...others.splice(taken, 1));
  return others.map((input, i) => addViews(label, i === 0 ? first : output, input, output, count, sign));
}
