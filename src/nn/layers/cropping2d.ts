/** Images without their borders. */
import { OptionError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import { cropping } from '../operations/borders.ts';
import { marginsOf, type Border } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import { border, borderText, type BorderSize } from './borders.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { mustBeImages } from './inputs.ts';
import { common, type LayerOptions } from './options.ts';

export interface Cropping2dOptions extends LayerOptions {
  /** How much: on each side, [above and below, left and right], or [[top, bottom], [left, right]]; 0 by default. */
  cropping?: BorderSize;
}

export interface Cropping2dData extends Spec {
  readonly type: typeof TYPE;
  /** [[top, bottom], [left, right]] */
  readonly cropping: Border;
}

const TYPE = 'cropping2d';

/** Rows and columns cut off on the sides of images. @throws OptionError for an option out of range */
export function cropping2d(options: Cropping2dOptions = {}): Cropping2dData & Applicable {
  return applicable(cropping2dDefinition.parse(options), cropping2dDefinition);
}

export const cropping2dDefinition: LayerDefinition<Cropping2dData> = {
  type: TYPE,
  inputs: 'one',
  parse: (given) => ({
    type: TYPE,
    ...common(TYPE, given, ['cropping']),
    cropping: border(TYPE, 'cropping', (given as Cropping2dOptions).cropping ?? 0),
  }),
  build: ({ cropping: sides }, { name, inputShapes: [input] }) => {
    mustBeImages(TYPE, name, input!);
    const [height, width, channels] = input as [number, number, number];
    const margins = marginsOf(sides);
    const { top, left, bottom, right } = margins;
    const outputShape = [height - top - bottom, width - left - right, channels];
    if (outputShape.some((extent) => extent < 1)) {
      throw new OptionError(
        `Layer "${name}": cropping2d by ${quoted(sides)} leaves nothing of its input of ${height}×${width}.`,
      );
    }
    return { outputShape, operations: () => [cropping(name, outputShape, margins)] };
  },
  describe: ({ cropping: sides }) => `without its border, ${borderText(sides)}`,
};
