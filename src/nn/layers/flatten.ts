import { NO_MARGINS, size, type Shape } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import type { Layer } from './layer.ts';
import { common, type LayerOptions } from './options.ts';

export type FlattenOptions = LayerOptions;

export interface FlattenData extends Spec {
  readonly type: 'flatten';
}

/** Images to vectors, in the order height, width, channels. */
export function flatten(options: FlattenOptions = {}): FlattenData & Applicable {
  return applicable(parse(options));
}

function parse(options: object): FlattenData {
  return { type: 'flatten', ...common('flatten', options, []) };
}

export const flattenDefinition: LayerDefinition<FlattenData> = {
  type: 'flatten',
  kerasName: 'Flatten',
  baseName: 'flatten',
  inputs: 'one',
  parse,
  build: (_, { name, inputShapes: [input] }) => flattenLayer(name, input!),
  describe: () => 'to one row',
};

/** In the order height, width, channels, which is how images lie in memory: so nothing moves. */
export function flattenLayer(name: string, inputShape: Shape): Layer {
  return {
    type: 'flatten',
    name,
    activation: 'linear',
    inputShape,
    outputShape: [size(inputShape)],
    weights: [],
    inputMargins: NO_MARGINS,
    gradientMargins: NO_MARGINS,
    writesMargins: false,
    masksRelu: false,
    reshapes: true,
    planForward: () => ({ prepare: [], forward: () => [] }),
    planBackward: () => ({ prepare: [], backward: () => [], finish: () => [] }),
  };
}
