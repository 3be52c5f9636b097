/** Zeros around images. */
import { padding } from '../operations/borders.ts';
import { marginsOf, type Border } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import { border, borderText, type BorderSize } from './borders.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { mustBeImages } from './inputs.ts';
import { common, type LayerOptions } from './options.ts';

export interface ZeroPadding2dOptions extends LayerOptions {
  /** How many zeros: on each side, [above and below, left and right], or [[top, bottom], [left, right]]; 1 by default. */
  padding?: BorderSize;
}

export interface ZeroPadding2dData extends Spec {
  readonly type: typeof TYPE;
  /** [[top, bottom], [left, right]] */
  readonly padding: Border;
}

const TYPE = 'zeroPadding2d';

/** Rows and columns of zeros around images. @throws OptionError for an option out of range */
export function zeroPadding2d(options: ZeroPadding2dOptions = {}): ZeroPadding2dData & Applicable {
  return applicable(zeroPadding2dDefinition.parse(options), zeroPadding2dDefinition);
}

export const zeroPadding2dDefinition: LayerDefinition<ZeroPadding2dData> = {
  type: TYPE,
  inputs: 'one',
  parse: (given) => ({
    type: TYPE,
    ...common(TYPE, given, ['padding']),
    padding: border(TYPE, 'padding', (given as ZeroPadding2dOptions).padding ?? 1),
  }),
  build: ({ padding: sides }, { name, inputShapes: [input] }) => {
    mustBeImages(TYPE, name, input!);
    const [height, width, channels] = input as [number, number, number];
    const margins = marginsOf(sides);
    const { top, left, bottom, right } = margins;
    const outputShape = [top + height + bottom, left + width + right, channels];
    return { outputShape, operations: () => [padding(name, outputShape, margins)] };
  },
  describe: ({ padding: sides }) => `zeros around it, ${borderText(sides)}`,
};
