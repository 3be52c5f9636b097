/** Layers of several inputs of one shape: their sum, their difference. */
import { OptionError } from '../../errors.ts';
import { call } from '../../engine/call.ts';
import type { Instruction } from '../../engine/program.ts';
import { addViews } from '../operations/copies.ts';
import type { Operation } from '../operations/operation.ts';
import type { Shape } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import { place, type View } from '../view.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { common, type LayerOptions } from './options.ts';

export type MergeOptions = Omit<LayerOptions, 'inputShape'>;

export interface AddData extends Spec {
  readonly type: 'add';
}

export interface SubtractData extends Spec {
  readonly type: 'subtract';
}

/** The sum of its inputs, of which there are two or more, all of one shape. @throws OptionError for an unknown option */
export function add(options: MergeOptions = {}): AddData & Applicable {
  return applicable(addDefinition.parse(options));
}

/** The first input less the second. @throws OptionError for an unknown option */
export function subtract(options: MergeOptions = {}): SubtractData & Applicable {
  return applicable(subtractDefinition.parse(options));
}

export const addDefinition = merging<AddData>('add', 'Add', 1, Infinity, 'sum of its inputs');

export const subtractDefinition = merging<SubtractData>(
  'subtract',
  'Subtract',
  -1,
  2,
  'difference of its inputs',
);

/** @param sign  of all inputs but the first */
function merging<S extends AddData | SubtractData>(
  type: S['type'],
  kerasName: string,
  sign: 1 | -1,
  most: number,
  description: string,
): LayerDefinition<S> {
  return {
    type,
    kerasName,
    baseName: type,
    inputs: 'several',
    parse: (options) => ({ type, ...common(type, options, []) }) as S,
    build: (_, { name, inputShapes }) => {
      if (inputShapes.length < 2 || inputShapes.length > most) {
        const wanted = most === 2 ? 'two inputs' : 'two inputs or more';
        throw new OptionError(`Layer "${name}": ${type} takes ${wanted}, not ${inputShapes.length}.`);
      }
      const [first] = inputShapes;
      const other = inputShapes.find((shape) => shape.join() !== first!.join());
      if (other) {
        throw new OptionError(
          `Layer "${name}": ${type} takes inputs of one shape, not [${first!.join(', ')}] and [${other.join(', ')}].`,
        );
      }
      return { outputShape: first!, operations: () => [sumOf(name, first!, sign)] };
    },
    describe: () => description,
  };
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
            dInput ? [scaled(`${name} dInput`, dOutput, dInput, i === 0 ? 1 : sign, count)] : [],
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

function scaled(label: string, from: View, to: View, factor: number, count: number): Instruction {
  return call('scaleView', label, count * to.height, {
    ...place('input', from),
    ...place('output', to),
    height: to.height,
    length: to.width * to.channels,
    factor,
  });
}
