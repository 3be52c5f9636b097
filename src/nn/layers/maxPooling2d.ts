import { NO_MARGINS, windowGeometry, type Padding, type Pair, type Shape } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { mustBeImages } from './inputs.ts';
import type { Layer } from './layer.ts';
import { common, oneOf, pair, type LayerOptions, type Size } from './options.ts';

export interface MaxPooling2dOptions extends LayerOptions {
  /** 2 by default. */
  poolSize?: Size;
  /** The pool size by default. */
  strides?: Size;
  /** 'valid' by default. */
  padding?: Padding;
}

export interface MaxPooling2dData extends Spec {
  readonly type: 'maxPooling2d';
  readonly poolSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
}

/** The options of a max pooling, complete and with its name. */
export interface MaxPooling2dSpec extends MaxPooling2dData {
  readonly name: string;
}

/** The largest value in each window. @throws OptionError for an option out of range */
export function maxPooling2d(options: MaxPooling2dOptions = {}): MaxPooling2dData & Applicable {
  return applicable(parse(options));
}

function parse(given: object): MaxPooling2dData {
  const options = given as MaxPooling2dOptions;
  const poolSize = pair('maxPooling2d', 'poolSize', options.poolSize ?? 2);
  return {
    type: 'maxPooling2d',
    ...common('maxPooling2d', options, ['poolSize', 'strides', 'padding']),
    poolSize,
    strides: pair('maxPooling2d', 'strides', options.strides ?? poolSize),
    padding: oneOf('maxPooling2d', 'padding', options.padding ?? 'valid', ['valid', 'same']),
  };
}

export const maxPooling2dDefinition: LayerDefinition<MaxPooling2dData> = {
  type: 'maxPooling2d',
  kerasName: 'MaxPooling2D',
  baseName: 'max_pooling2d',
  inputs: 'one',
  parse,
  build: (spec, { name, inputShapes: [input] }) => {
    mustBeImages('maxPooling2d', name, input!);
    return maxPooling2dLayer({ ...spec, name }, input!);
  },
  describe: ({ poolSize }) => `largest of each ${poolSize.join('×')}`,
};

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
