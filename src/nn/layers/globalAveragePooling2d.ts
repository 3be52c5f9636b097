import { call } from '../../engine/call.ts';
import type { Operation } from '../operations/operation.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import { place } from '../view.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { globalPoolingShape, parseGlobalPooling, type GlobalPooling2dOptions } from './globalPooling2d.ts';

export interface GlobalAveragePooling2dData extends Spec {
  readonly type: 'globalAveragePooling2d';
  readonly keepdims: boolean;
}

const TYPE = 'globalAveragePooling2d';

/** The mean of each channel over the image. @throws OptionError for an option out of range */
export function globalAveragePooling2d(
  options: GlobalPooling2dOptions = {},
): GlobalAveragePooling2dData & Applicable {
  return applicable(globalAveragePooling2dDefinition.parse(options), globalAveragePooling2dDefinition);
}

export const globalAveragePooling2dDefinition: LayerDefinition<GlobalAveragePooling2dData> = {
  type: TYPE,
  inputs: 'one',
  parse: (given) => parseGlobalPooling(TYPE, given),
  build: ({ keepdims }, { name, inputShapes: [shape] }) => {
    const outputShape = globalPoolingShape(TYPE, name, shape!, keepdims);
    const extent = { height: shape![0]!, width: shape![1]!, channels: shape![2]! };
    const operation: Operation = {
      name,
      outputShape,
      plan: ({ input, output }) => ({
        prepare: [],
        forward: (count) => [
          call('globalAverageForward', `${name} forward`, count, {
            ...place('input', input),
            output: output.address,
            outputImage: output.image,
            ...extent,
          }),
        ],
        backward: ({ dOutput, dInput }) => ({
          backward: (count) =>
            dInput
              ? [
                  call('globalAverageBackward', `${name} dInput`, count, {
                    dOutput: dOutput.address,
                    dOutputImage: dOutput.image,
                    ...place('dInput', dInput),
                    ...extent,
                  }),
                ]
              : [],
        }),
      }),
    };
    return { outputShape, operations: () => [operation] };
  },
  describe: () => 'mean of each channel',
};
