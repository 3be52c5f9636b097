/** Values in another shape. */
import { OptionError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import { reshapeOperation } from '../operations/reshape.ts';
import { size, type Shape } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { common, type LayerOptions } from './options.ts';

export interface ReshapeOptions extends LayerOptions {
  /** One to three extents; −1, once, stands for what is left. */
  targetShape: readonly number[];
}

export interface ReshapeData extends Spec {
  readonly type: typeof TYPE;
  readonly targetShape: readonly number[];
}

const TYPE = 'reshape';

/** Values in another shape, in the order in which they are. @throws OptionError for an option out of range */
export function reshape(options: ReshapeOptions = {} as ReshapeOptions): ReshapeData & Applicable {
  return applicable(parse(options), reshapeDefinition);
}

function parse(given: object): ReshapeData {
  const { targetShape } = given as { readonly targetShape?: unknown };
  const known = common(TYPE, given, ['targetShape']);
  if (!Array.isArray(targetShape) || targetShape.length < 1 || targetShape.length > 3) {
    throw new OptionError(
      `${TYPE}: targetShape must be a list of one to three numbers, not ${quoted(targetShape)}.`,
    );
  }
  const isExtent = (extent: unknown): boolean =>
    extent === -1 || (Number.isInteger(extent) && (extent as number) > 0);
  if (!targetShape.every(isExtent) || targetShape.filter((extent) => extent === -1).length > 1) {
    throw new OptionError(
      `${TYPE}: targetShape must be whole numbers above 0, one of which may be -1, not ${quoted(targetShape)}.`,
    );
  }
  return { type: TYPE, ...known, targetShape: targetShape as number[] };
}

export const reshapeDefinition: LayerDefinition<ReshapeData> = {
  type: TYPE,
  inputs: 'one',
  parse,
  build: ({ targetShape }, { name, inputShapes: [input] }) => {
    const outputShape = completed(targetShape, size(input!));
    if (!outputShape) {
      throw new OptionError(
        `Layer "${name}": the ${size(input!)} values of its input [${input!.join(', ')}] do not fill [${targetShape.join(', ')}].`,
      );
    }
    return { outputShape, operations: () => [reshapeOperation(name, outputShape)] };
  },
  describe: ({ targetShape }) => `to [${targetShape.join(', ')}]`,
};

/** The shape with what −1 stands for; undefined if so many values do not fill it. */
function completed(shape: Shape, values: number): Shape | undefined {
  const known = size(shape.filter((extent) => extent !== -1));
  const whole = shape.map((extent) => (extent === -1 ? values / known : extent));
  return whole.every(Number.isInteger) && size(whole) === values ? whole : undefined;
}
