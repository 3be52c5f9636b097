/** Inputs side by side. */
import { OptionError } from '../../errors.ts';
import { together, type Instruction } from '../../engine/program.ts';
import { quoted } from '../../quoted.ts';
import { copyView } from '../operations/copies.ts';
import type { Shape } from '../shape.ts';
import { merged, type Applicable, type SymbolicTensor } from '../symbolic.ts';
import { partOf, type View } from '../view.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { common, type LayerOptions } from './options.ts';

export interface ConcatenateOptions extends Omit<LayerOptions, 'inputShape'> {
  /** Along which axis of [batch, height, width, channels]; -1, the last, by default. */
  axis?: number;
}

export interface ConcatenateData extends Spec {
  readonly type: 'concatenate';
  readonly axis: number;
}

/** Its inputs one after the other along an axis. @throws OptionError for an option out of range */
export function concatenate(options?: ConcatenateOptions): ConcatenateData & Applicable;
export function concatenate(inputs: readonly SymbolicTensor[], options?: ConcatenateOptions): SymbolicTensor;
export function concatenate(
  first?: ConcatenateOptions | readonly SymbolicTensor[],
  options?: ConcatenateOptions,
): (ConcatenateData & Applicable) | SymbolicTensor {
  return merged(concatenateDefinition, first, options);
}

function parse(given: object): ConcatenateData {
  const { axis = -1 } = given as ConcatenateOptions;
  if (!Number.isInteger(axis) || axis === 0) {
    throw new OptionError(`concatenate: axis must be a whole number other than 0, not ${quoted(axis)}.`);
  }
  return { type: 'concatenate', ...common('concatenate', given, ['axis']), axis };
}

export const concatenateDefinition: LayerDefinition<ConcatenateData> = {
  type: 'concatenate',
  inputs: 'several',
  hasAxis: true,
  parse,
  build: ({ axis: given }, { name, inputShapes }) => {
    const rank = inputShapes[0]!.length;
    const axis = given < 0 ? given + rank : given - 1;
    if (axis < 0 || axis >= rank) {
      throw new OptionError(
        `Layer "${name}": concatenate has no axis ${given} for inputs of ${rank + 1} axes.`,
      );
    }
    const apart = inputShapes.find((shape) => !agree(shape, inputShapes[0]!, axis));
    if (apart) {
      throw new OptionError(
        `Layer "${name}": concatenate takes inputs that differ along its axis only, not ` +
          `[${inputShapes[0]!.join(', ')}] and [${apart.join(', ')}].`,
      );
    }
    const total = inputShapes.reduce((sum, shape) => sum + shape[axis]!, 0);
    const outputShape = inputShapes[0]!.map((extent, i) => (i === axis ? total : extent));
    // The same axis of a view, which takes vectors for images of one pixel, and rows for images of one row.
    const along = axis + 3 - rank;
    const partsOf = (whole: View): View[] => {
      let offset = 0;
      return inputShapes.map((shape) => {
        const part = partOf(whole, along, offset, shape[axis]!);
        offset += shape[axis]!;
        return part;
      });
    };
    return {
      outputShape,
      operations: () => [
        {
          name,
          outputShape,
          plan: ({ inputs, output }) => {
            const parts = partsOf(output);
            return {
              prepare: [],
              forward: (count) =>
                together(inputs.map((input, i) => copyView(`${name} forward`, input, parts[i]!, count))),
              backward: ({ dOutput, dInputs }) => {
                const from = partsOf(dOutput);
                const copy = (to: View | undefined, i: number, count: number): Instruction[] =>
                  to ? [copyView(`${name} dInput`, from[i]!, to, count)] : [];
                return { backward: (count) => together(dInputs.flatMap((to, i) => copy(to, i, count))) };
              },
            };
          },
        },
      ],
    };
  },
  describe: () => 'its inputs side by side',
};

function agree(a: Shape, b: Shape, axis: number): boolean {
  return a.length === b.length && a.every((extent, i) => i === axis || extent === b[i]);
}
