/** The largest value of each channel. */
import { call } from '../../engine/call.ts';
import type { Operation } from '../operations/operation.ts';
import type { Shape } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import { place } from '../view.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { globalPoolingShape, parseGlobalPooling, type GlobalPooling2dOptions } from './globalPooling2d.ts';

export interface GlobalMaxPooling2dData extends Spec {
  readonly type: typeof TYPE;
  readonly keepdims: boolean;
}

const TYPE = 'globalMaxPooling2d';

/** The largest value of each channel over the image. @throws OptionError for an option out of range */
export function globalMaxPooling2d(
  options: GlobalPooling2dOptions = {},
): GlobalMaxPooling2dData & Applicable {
  return applicable(globalMaxPooling2dDefinition.parse(options), globalMaxPooling2dDefinition);
}

export const globalMaxPooling2dDefinition: LayerDefinition<GlobalMaxPooling2dData> = {
  type: TYPE,
  inputs: 'one',
  parse: (given) => parseGlobalPooling(TYPE, given),
  build: ({ keepdims }, { name, inputShapes: [shape] }) => {
    const outputShape = globalPoolingShape(TYPE, name, shape!, keepdims);
    return { outputShape, operations: () => [globalMax(name, shape!, outputShape)] };
  },
  describe: () => 'largest of each channel',
};

/** Equal maxima share the gradient. */
function globalMax(name: string, input: Shape, outputShape: Shape): Operation {
  const extent = { height: input[0]!, width: input[1]!, channels: input[2]! };
  return {
    name,
    outputShape,
    keepsInput: true,
    keepsOutput: true,
    plan: ({ input: from, output }) => {
      const largest = {
        ...place('input', from),
        output: output.address,
        outputImage: output.image,
        ...extent,
      };
      return {
        prepare: [],
        forward: (count) => [call('globalMaxForward', `${name} forward`, count, largest)],
        backward: ({ dOutput, dInput }) => ({
          backward: (count) =>
            dInput
              ? [
                  call('globalMaxBackward', `${name} dInput`, count, {
                    ...largest,
                    dOutput: dOutput.address,
                    dOutputImage: dOutput.image,
                    ...place('dInput', dInput),
                  }),
                ]
              : [],
        }),
      };
    },
  };
}
