import { call } from '../../engine/call.ts';
import type { Operation } from '../operations/operation.ts';
import { hasMargins, windowGeometry, type Padding, type Pair, type Shape } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import { place } from '../view.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { mustBeImages } from './inputs.ts';
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

/** The largest value in each window. @throws OptionError for an option out of range */
export function maxPooling2d(options: MaxPooling2dOptions = {}): MaxPooling2dData & Applicable {
  return applicable(parse(options), maxPooling2dDefinition);
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
  inputs: 'one',
  parse,
  build: (spec, { name, inputShapes: [input] }) => {
    mustBeImages('maxPooling2d', name, input!);
    const operation = maxPooling(name, spec, input!);
    return { outputShape: operation.outputShape, operations: () => [operation] };
  },
  describe: ({ poolSize }) => `largest of each ${poolSize.join('×')}`,
};

/** Max pooling; the first of equal values in row-major order wins. Padding never takes part. */
function maxPooling(
  name: string,
  { poolSize, strides, padding }: Omit<MaxPooling2dData, 'type'>,
  input: Shape,
): Operation {
  const { height, width, margins } = windowGeometry(input, poolSize, strides, padding, name);
  const window = {
    windowHeight: poolSize[0],
    windowWidth: poolSize[1],
    strideY: strides[0],
    strideX: strides[1],
    padTop: margins.top,
    padLeft: margins.left,
    channels: input[2]!,
    inputHeight: input[0]!,
    inputWidth: input[1]!,
    height,
    width,
  };
  return {
    name,
    outputShape: [height, width, input[2]!],
    keepsOutput: true,
    pools2x2: [...poolSize, ...strides].every((each) => each === 2) && !hasMargins(margins),
    plan: ({ context, input: from, output }) => {
      const argmax = context.allocate(context.batch * height * width * from.channels * 4);
      return {
        prepare: [],
        forward: (count) => [
          call('maxPool2dForward', `${name} forward`, count * height, {
            ...place('input', from),
            ...window,
            ...place('output', output),
            argmax,
          }),
        ],
        backward: ({ dOutput, dInput }) => ({
          backward: (count) =>
            dInput
              ? [
                  call('maxPool2dBackward', `${name} dInput`, count, {
                    ...place('dOutput', dOutput),
                    ...place('output', output),
                    argmax,
                    relu: 0,
                    ...window,
                    ...place('dInput', dInput),
                  }),
                ]
              : [],
        }),
      };
    },
  };
}
