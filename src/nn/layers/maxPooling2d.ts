import { call } from '../../engine/call.ts';
import type { Operation } from '../operations/operation.ts';
import { hasMargins, type Shape } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import { place } from '../view.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { mustBeImages } from './inputs.ts';
import { paddingText } from './padding.ts';
import {
  poolingGeometry,
  poolingOptions,
  windowArguments,
  type PoolingData,
  type PoolingOptions,
} from './poolingWindows.ts';

export type MaxPooling2dOptions = PoolingOptions;

export interface MaxPooling2dData extends Spec, PoolingData {
  readonly type: 'maxPooling2d';
}

/** The largest value in each window. @throws OptionError for an option out of range */
export function maxPooling2d(options: MaxPooling2dOptions = {}): MaxPooling2dData & Applicable {
  return applicable(maxPooling2dDefinition.parse(options), maxPooling2dDefinition);
}

export const maxPooling2dDefinition: LayerDefinition<MaxPooling2dData> = {
  type: 'maxPooling2d',
  inputs: 'one',
  parse: (given) => ({ type: 'maxPooling2d', ...poolingOptions('maxPooling2d', given) }),
  build: (spec, { name, inputShapes: [input] }) => {
    mustBeImages('maxPooling2d', name, input!);
    const operation = maxPooling(name, spec, input!);
    return { outputShape: operation.outputShape, operations: () => [operation] };
  },
  describe: ({ poolSize, padding }) => `largest of each ${poolSize.join('×')}${paddingText(padding)}`,
};

/** Max pooling; the first of equal values in row-major order wins. Padding never takes part. */
function maxPooling(name: string, data: PoolingData, input: Shape): Operation {
  const geometry = poolingGeometry(name, data, input);
  const { height, width, margins } = geometry;
  const window = windowArguments(data, geometry, input);
  return {
    name,
    outputShape: [height, width, input[2]!],
    keepsOutput: true,
    pools2x2: [...data.poolSize, ...data.strides].every((each) => each === 2) && !hasMargins(margins),
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
