import { activated, clipped, leaky } from '../activations.ts';
import type { Scope } from '../graphWriter.ts';
import { inPlace, type LayerExport, type LayerExporter, type SpecOf } from '../layerExport.ts';
import type { Value } from '../value.ts';

export const exportActivation: LayerExporter<SpecOf<'activation'>> = (layer) =>
  applied(layer, layer.spec.activation);

export const exportSoftmax: LayerExporter<SpecOf<'softmax'>> = (layer) => applied(layer, 'softmax');

function applied(layer: LayerExport, activation: string): Value {
  // It may be no operator at all.
  if (activation === 'linear') return layer.input;
  const { shape } = layer.input;
  return inPlace(layer, (name, layout) => activated(layer.scope, activation, { name, layout, shape }));
}

export const exportLeakyReLU: LayerExporter<SpecOf<'leakyReLU'>> = (layer) =>
  inPlace(layer, (name) => leaky(layer.scope, name, layer.spec.negativeSlope));

export const exportReLU: LayerExporter<SpecOf<'reLU'>> = (layer) => {
  const { scope, spec } = layer;
  const { maxValue, negativeSlope, threshold } = spec;
  return inPlace(layer, (name) => {
    if (threshold > 0) return aboveThreshold(scope, name, spec);
    if (negativeSlope > 0) {
      if (maxValue === null) return leaky(scope, name, negativeSlope);
      return clipped(scope, leaky(scope.within('leaky'), name, negativeSlope), undefined, maxValue);
    }
    return maxValue === null ? scope.add('Relu', [name]) : clipped(scope, name, 0, maxValue);
  });
};

/**
 * maxValue where that is reached, x from the threshold on, negativeSlope · (x − threshold) below. ThresholdedRelu is another
 * thing: it is 0 at the threshold itself.
 */
function aboveThreshold(scope: Scope, name: string, spec: SpecOf<'reLU'>): string {
  const { maxValue, negativeSlope, threshold } = spec;
  const from = scope.scalar('threshold', threshold);
  const isAbove = scope.within('isAbove').add('GreaterOrEqual', [name, from]);
  const beyond = scope.within('beyond').add('Sub', [name, from]);
  const below = scope.within('below').add('Mul', [beyond, scope.scalar('slope', negativeSlope)]);
  if (maxValue === null) return scope.add('Where', [isAbove, name, below]);
  const most = scope.scalar('max', maxValue);
  const unbounded = scope.within('unbounded').add('Where', [isAbove, name, below]);
  const isMost = scope.within('isMost').add('GreaterOrEqual', [name, most]);
  return scope.add('Where', [isMost, most, unbounded]);
}
