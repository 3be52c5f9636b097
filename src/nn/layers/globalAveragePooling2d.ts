import { applicable, type Applicable } from '../symbolic.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { mustBeImages } from './inputs.ts';
import { common, flag, type LayerOptions } from './options.ts';
import { plainLayer, rowsOf } from './plainLayer.ts';

export interface GlobalPooling2dOptions extends LayerOptions {
  /** Whether the output is [1, 1, channels] instead of [channels]; false by default. */
  keepdims?: boolean;
}

export interface GlobalAveragePooling2dData extends Spec {
  readonly type: 'globalAveragePooling2d';
  readonly keepdims: boolean;
}

const TYPE = 'globalAveragePooling2d';

/** The mean of each channel over the image. @throws OptionError for an option out of range */
export function globalAveragePooling2d(
  options: GlobalPooling2dOptions = {},
): GlobalAveragePooling2dData & Applicable {
  return applicable(globalAveragePooling2dDefinition.parse(options));
}

export const globalAveragePooling2dDefinition: LayerDefinition<GlobalAveragePooling2dData> = {
  type: TYPE,
  kerasName: 'GlobalAveragePooling2D',
  baseName: 'global_average_pooling2d',
  inputs: 'one',
  parse: (given) => ({
    type: TYPE,
    ...common(TYPE, given, ['keepdims']),
    keepdims: flag(TYPE, 'keepdims', (given as GlobalPooling2dOptions).keepdims ?? false),
  }),
  build: ({ keepdims }, { name, inputShapes: [shape] }) => {
    mustBeImages(TYPE, name, shape!);
    const channels = shape![2]!;
    return plainLayer([shape!], {
      type: TYPE,
      name,
      outputShape: keepdims ? [1, 1, channels] : [channels],
      planForward: ({ input, output }) => ({
        prepare: [],
        forward: (count) => [
          {
            label: `${name} forward`,
            kernel: 'globalAverageForward',
            arguments: [...rowsOf(input), output.address, output.image, input.height, input.width, channels],
            items: count,
          },
        ],
      }),
      planBackward: ({ input, dOutput, dInput }) => ({
        prepare: [],
        backward: (count) =>
          dInput
            ? [
                {
                  label: `${name} dInput`,
                  kernel: 'globalAverageBackward',
                  arguments: [
                    dOutput.address,
                    dOutput.image,
                    ...rowsOf(dInput),
                    input.height,
                    input.width,
                    channels,
                  ],
                  items: count,
                },
              ]
            : [],
        finish: () => [],
      }),
    });
  },
  describe: () => 'mean of each channel',
};
