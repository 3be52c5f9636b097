/** Layers that TensorFlow.js does not have, made of those that it has. */
import { OptionError } from '../../errors.ts';
import { FreeNames } from '../../nn/freeNames.ts';
import { leakyReLU } from '../../nn/layers/activation.ts';
import type { Spec } from '../../nn/layers/definition.ts';
import { globalAveragePooling2d } from '../../nn/layers/globalAveragePooling2d.ts';
import { globalMaxPooling2d } from '../../nn/layers/globalMaxPooling2d.ts';
import type { Layer } from '../../nn/layers/layer.ts';
import { add } from '../../nn/layers/merge.ts';
import { scalingOf } from '../../nn/layers/normalization.ts';
import { rescaling } from '../../nn/layers/rescaling.ts';
import { reshape } from '../../nn/layers/reshape.ts';
import { buildNetwork, type Network } from '../../nn/network.ts';
import { withSettings, type LayerSpec } from '../../nn/spec.ts';
import { COMPOSED_ACTIVATIONS, TFJS_ACTIVATIONS, type Emit } from './activations.ts';

/** Adds the layers that stand for one. Returns the name of the one whose output is its; undefined if tfjs has it as it is. */
type Substitute<T extends LayerSpec['type']> = (
  spec: Extract<LayerSpec, { type: T }>,
  inputs: readonly string[],
  emit: Emit,
  layer: Layer,
) => string | undefined;

const SUBSTITUTES: { readonly [T in LayerSpec['type']]?: Substitute<T> } = {
  conv2d: ({ groups = 1 }, _inputs, _emit, { name }) => {
    if (groups === 1) return undefined;
    throw new OptionError(
      `Layer "${name}": tfjs has no convolution in groups, of which this one has ${groups}. Export to ONNX, or build the network without groups.`,
    );
  },
  depthwiseConv2d: ({ dilationRate = [1, 1] }, _inputs, _emit, { name }) => {
    if (Math.max(...dilationRate) === 1) return undefined;
    throw new OptionError(
      `Layer "${name}": tfjs has no dilation in depthwiseConv2d, whatever its options say. Export to ONNX, or build the network without it.`,
    );
  },
  reLU: ({ maxValue, negativeSlope, threshold }, [input], emit, { name }) => {
    if (negativeSlope === 0 && threshold === 0) return undefined;
    if (maxValue === null && threshold === 0) return emit(leakyReLU({ negativeSlope }), input!);
    throw new OptionError(
      `Layer "${name}": tfjs has no ReLU with a threshold, or with maxValue and negativeSlope. Export to ONNX, or build the network with another activation.`,
    );
  },
  subtract: (_spec, [first, second], emit) => emit(add(), first!, emit(rescaling({ scale: -1 }), second!)),
  normalization: (spec, [input], emit, { name, inputShapes: [shape] }) =>
    emit(rescaling(scalingOf(spec, name, shape!.at(-1)!)), input!),
  // It does not infer the extent for layers behind.
  reshape: ({ targetShape }, [input], emit, { outputShape }) =>
    targetShape.includes(-1) ? emit(reshape({ targetShape: outputShape }), input!) : undefined,
  globalAveragePooling2d: ({ keepdims }, [input], emit, { outputShape }) =>
    keepdims
      ? emit(reshape({ targetShape: outputShape }), emit(globalAveragePooling2d(), input!))
      : undefined,
  globalMaxPooling2d: ({ keepdims }, [input], emit, { outputShape }) =>
    keepdims ? emit(reshape({ targetShape: outputShape }), emit(globalMaxPooling2d(), input!)) : undefined,
};

/**
 * A network that gives the same, of nothing but layers of tfjs and of those that do nothing outside training. Layers with weights keep
 * their names.
 * @throws OptionError naming a layer that cannot be made of those of tfjs, and what to do
 */
export function networkOfTfjs(network: Network): Network {
  const specs: Spec[] = [];
  const names = new FreeNames(network.layers.map(({ name }) => name));
  /** The layers whose outputs stand for those of others. */
  const standIns = new Map<string, string>();
  network.layers.forEach((layer, i) => {
    const spec = withSettings(network.specs[i]!, { inputShape: undefined });
    const emit: Emit = (added, ...taken) => {
      const name = names.claim(`${layer.name}_${added.type}`);
      specs.push({ ...added, name, inputs: taken });
      return name;
    };
    const substitute = SUBSTITUTES[spec.type] as Substitute<never> | undefined;
    const inputs = network.inputs[i]!.map((each, j, all) => {
      const input = standIns.get(each) ?? each;
      // tfjs frees what a layer takes as often as it takes it: the second time it must be a copy.
      return all.indexOf(each) === j ? input : emit(rescaling({ scale: 1 }), input);
    });
    const last = substitute?.(spec as never, inputs, emit, layer) ?? activated(spec, inputs, specs, emit);
    if (last === layer.name) return;
    if (layer.weights.length > 0) standIns.set(layer.name, last);
    // What has no weights of its own can give its name to the last of those that stand for it.
    else specs.push({ ...specs.pop()!, name: layer.name });
  });
  return buildNetwork(specs.map((spec, i) => (i === 0 ? { ...spec, inputShape: network.inputShape } : spec)));
}

/** A layer with the same options; where tfjs has not got its activation, others behind it compute that. */
function activated(spec: LayerSpec, inputs: readonly string[], specs: Spec[], emit: Emit): string {
  const name = spec.name!;
  const own = { ...spec, inputs };
  if (!('activation' in own) || TFJS_ACTIVATIONS.has(own.activation)) {
    specs.push(own);
    return name;
  }
  const composition = COMPOSED_ACTIVATIONS.get(own.activation);
  if (!composition) {
    throw new OptionError(
      `Layer "${name}": tfjs has no activation ${own.activation}. Export to ONNX, or build the network with another one.`,
    );
  }
  if (spec.type === 'activation') return composition(inputs[0]!, emit);
  specs.push({ ...own, ...LINEAR });
  return composition(name, emit);
}

const LINEAR: object = { activation: 'linear' };
