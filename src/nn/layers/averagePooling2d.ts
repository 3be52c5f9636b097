/** The mean of each window. */
import { call } from '../../engine/call.ts';
import type { Operation } from '../operations/operation.ts';
import { windowGeometry, type Padding, type Pair, type Shape } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import { place } from '../view.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { mustBeImages } from './inputs.ts';
import { common, oneOf, pair, type LayerOptions, type Size } from './options.ts';

export interface AveragePooling2dOptions extends LayerOptions {
  /** 2 by default. */
  poolSize?: Size;
  /** The pool size by default. */
  strides?: Size;
  /** 'valid' by default. */
  padding?: Padding;
}

export interface AveragePooling2dData extends Spec {
  readonly type: typeof TYPE;
  readonly poolSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
}

const TYPE = 'averagePooling2d';

/** The mean of the pixels under each window; padding does not count. @throws OptionError for an option out of range */
export function averagePooling2d(options: AveragePooling2dOptions = {}): AveragePooling2dData & Applicable {
  return applicable(parse(options), averagePooling2dDefinition);
}

function parse(given: object): AveragePooling2dData {
  const options = given as AveragePooling2dOptions;
  const poolSize = pair(TYPE, 'poolSize', options.poolSize ?? 2);
  return {
    type: TYPE,
    ...common(TYPE, options, ['poolSize', 'strides', 'padding']),
    poolSize,
    strides: pair(TYPE, 'strides', options.strides ?? poolSize),
    padding: oneOf(TYPE, 'padding', options.padding ?? 'valid', ['valid', 'same']),
  };
}

export const averagePooling2dDefinition: LayerDefinition<AveragePooling2dData> = {
  type: TYPE,
  inputs: 'one',
  parse,
  build: (spec, { name, inputShapes: [input] }) => {
    mustBeImages(TYPE, name, input!);
    const operation = averagePooling(name, spec, input!);
    return { outputShape: operation.outputShape, operations: () => [operation] };
  },
  describe: ({ poolSize }) => `mean of each ${poolSize.join('×')}`,
};

function averagePooling(
  name: string,
  { poolSize, strides, padding }: AveragePooling2dData,
  input: Shape,
): Operation {
  const { height, width, margins } = windowGeometry(input, poolSize, strides, padding, name);
  const [inputHeight, inputWidth, channels] = input as [number, number, number];
  const window = {
    windowHeight: poolSize[0],
    windowWidth: poolSize[1],
    strideY: strides[0],
    strideX: strides[1],
    padTop: margins.top,
    padLeft: margins.left,
    channels,
    inputHeight,
    inputWidth,
    height,
    width,
  };
  return {
    name,
    outputShape: [height, width, channels],
    plan: ({ input: from, output }) => ({
      prepare: [],
      forward: (count) => [
        call('averagePool2dForward', `${name} forward`, count * height, {
          ...place('input', from),
          ...window,
          ...place('output', output),
        }),
      ],
      backward: ({ dOutput, dInput }) => ({
        backward: (count) =>
          dInput
            ? [
                call('averagePool2dBackward', `${name} dInput`, count * inputHeight, {
                  ...place('dOutput', dOutput),
                  ...window,
                  ...place('dInput', dInput),
                }),
              ]
            : [],
      }),
    }),
  };
}
