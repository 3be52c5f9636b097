/** Layers of several inputs of one shape: their sum, their difference. */
import { OptionError } from '../../errors.ts';
import type { Instruction } from '../../engine/program.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import type { View } from '../view.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { common, type LayerOptions } from './options.ts';
import { plainLayer, rowsOf } from './plainLayer.ts';

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
      return plainLayer(inputShapes, {
        type,
        name,
        outputShape: first!,
        planForward: ({ inputs, output }) => ({
          prepare: [],
          forward: (count) =>
            inputs.slice(1).map((input, i): Instruction => {
              const before = i === 0 ? inputs[0]! : output;
              return {
                label: `${name} forward`,
                kernel: 'addViews',
                arguments: [...rowsOf(before), ...rowsOf(input), ...rowsOf(output), ...extent(output), sign],
                items: count * output.height,
              };
            }),
        }),
        planBackward: ({ dOutput, dInputs }) => ({
          prepare: [],
          backward: (count) =>
            dInputs.flatMap((dInput, i): Instruction[] =>
              dInput
                ? [
                    {
                      label: `${name} dInput`,
                      kernel: 'scaleView',
                      arguments: [
                        ...rowsOf(dOutput),
                        ...rowsOf(dInput),
                        ...extent(dOutput),
                        i === 0 ? 1 : sign,
                      ],
                      items: count * dOutput.height,
                    },
                  ]
                : [],
            ),
          finish: () => [],
        }),
      });
    },
    describe: () => description,
  };
}

/** Rows of an image, and floats in each. */
function extent({ height, width, channels }: View): readonly [number, number] {
  return [height, width * channels];
}
