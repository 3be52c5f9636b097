import { reshapeOperation } from '../operations/reshape.ts';
import { size } from '../shape.ts';
import { applicable, type Applicable } from '../symbolic.ts';
import type { LayerDefinition, Spec } from './definition.ts';
import { common, type LayerOptions } from './options.ts';

export type FlattenOptions = LayerOptions;

export interface FlattenData extends Spec {
  readonly type: 'flatten';
}

/** Images to vectors, in the order height, width, channels. */
export function flatten(options: FlattenOptions = {}): FlattenData & Applicable {
  return applicable(parse(options), flattenDefinition);
}

function parse(options: object): FlattenData {
  return { type: 'flatten', ...common('flatten', options, []) };
}

export const flattenDefinition: LayerDefinition<FlattenData> = {
  type: 'flatten',
  inputs: 'one',
  parse,
  build: (_, { name, inputShapes: [input] }) => {
    const outputShape = [size(input!)];
    return { outputShape, operations: () => [reshapeOperation(name, outputShape)] };
  },
  describe: () => 'to one row',
};
