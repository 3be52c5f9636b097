import { NO_MARGINS, windowGeometry, type Padding, type Pair, type Shape } from '../shape.ts';
import type { Layer } from './layer.ts';

/** The options of a max pooling, complete. */
export interface MaxPooling2dSpec {
  readonly type: 'maxPooling2d';
  readonly name: string;
  readonly poolSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
}

/** Max pooling; the first of equal values in row-major order wins. Padding never takes part. */
export function maxPooling2dLayer(spec: MaxPooling2dSpec, inputShape: Shape): Layer {
  const { name, poolSize, strides } = spec;
  const geometry = windowGeometry(inputShape, poolSize, strides, spec.padding, name);
  const { height, width, margins } = geometry;
  return {
    type: spec.type,
    name,
    activation: 'linear',
    inputShape,
    outputShape: [height, width, inputShape[2]!],
    weights: [],
    inputMargins: NO_MARGINS,
    gradientMargins: NO_MARGINS,
    writesMargins: true,
    masksRelu: true,
    pools2x2:
      [...poolSize, ...strides].every((each) => each === 2) &&
      Object.values(margins).every((each) => each === 0),
    planForward: ({ context, input, output }) => {
      const argmax = context.arena.allocate(context.batch * height * width * input.channels * 4);
      return {
        prepare: [],
        saved: argmax,
        forward: (count) => [
          {
            label: `${name} forward`,
            kernel: 'maxPool2dForward',
            arguments: [
              input.address,
              input.image,
              input.row,
              input.height,
              input.width,
              input.channels,
              ...poolSize,
              ...strides,
              margins.top,
              margins.left,
              output.address,
              output.image,
              output.row,
              height,
              width,
              argmax,
            ],
            items: count * height,
          },
        ],
      };
    },
    planBackward: ({ dOutput, output, dInput, inputRelu, saved: argmax }) => ({
      prepare: [],
      backward: (count) =>
        dInput === undefined
          ? []
          : [
              {
                label: `${name} dInput`,
                kernel: 'maxPool2dBackward',
                arguments: [
                  dOutput.address,
                  dOutput.image,
                  dOutput.row,
                  output.address,
                  output.image,
                  output.row,
                  argmax!,
                  inputRelu ? 1 : 0,
                  height,
                  width,
                  output.channels,
                  ...poolSize,
                  ...strides,
                  margins.top,
                  margins.left,
                  dInput.address,
                  dInput.image,
                  dInput.row,
                  dInput.height,
                  dInput.width,
                ],
                items: count,
              },
            ],
      finish: () => [],
    }),
  };
}
