/** The mean of each window. */
import { call } from '../../engine/call.ts';
import type { Operation } from '../operations/operation.ts';
import type { Shape } from '../shape.ts';
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

export type AveragePooling2dOptions = PoolingOptions;

export interface AveragePooling2dData extends Spec, PoolingData {
  readonly type: typeof TYPE;
}

const TYPE = 'averagePooling2d';

/** The mean of the pixels under each window; padding does not count. @throws OptionError for an option out of range */
export function averagePooling2d(options: AveragePooling2dOptions = {}): AveragePooling2dData & Applicable {
  return applicable(averagePooling2dDefinition.parse(options), averagePooling2dDefinition);
}

export const averagePooling2dDefinition: LayerDefinition<AveragePooling2dData> = {
  type: TYPE,
  inputs: 'one',
  parse: (given) => ({ type: TYPE, ...poolingOptions(TYPE, given) }),
  build: (spec, { name, inputShapes: [input] }) => {
    mustBeImages(TYPE, name, input!);
    const operation = averagePooling(name, spec, input!);
    return { outputShape: operation.outputShape, operations: () => [operation] };
  },
  describe: ({ poolSize, padding }) => `mean of each ${poolSize.join('×')}${paddingText(padding)}`,
};

function averagePooling(name: string, data: PoolingData, input: Shape): Operation {
  const geometry = poolingGeometry(name, data, input);
  const { height, width } = geometry;
  const [inputHeight, , channels] = input as [number, number, number];
  const window = windowArguments(data, geometry, input);
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
