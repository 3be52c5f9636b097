/**
 * The network as an ONNX file, for peers that read one. Just enough of the protocol-buffer encoding
 * (protobuf.dev/programming-guides/encoding) for the messages of onnx/onnx.proto that are used.
 */
import type { Network } from '../../src/nn/network.ts';
import type { Tensor } from '../../src/nn/parameters.ts';
import type { LayerSpec } from '../../src/nn/spec.ts';
import { hwcToChwRows, hwioToOihw } from './layouts.ts';

type Message = readonly Uint8Array[];

const FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;

/** An ONNX model, input "images" [batch, C, H, W] float32 in 0…1, output "probabilities". Stride 1 `same` only. */
export function toOnnx(network: Network, weights: ReadonlyMap<string, Tensor>): Uint8Array {
  const [height, width, channels] = network.inputShape;
  const nodes: Message[] = [];
  const initializers: Message[] = [];
  let current = 'images';
  let flattened: readonly number[] | undefined;
  const add = (op: string, name: string, inputs: readonly string[], attributes: Message = []): void => {
    nodes.push([
      ...[current, ...inputs].map((input) => text(1, input)),
      text(2, name),
      text(4, op),
      ...attributes,
    ]);
    current = name;
  };
  network.specs.forEach((spec, i) => {
    const layer = network.layers[i]!;
    const kernel = weights.get(`${layer.name}/kernel`);
    const bias = weights.get(`${layer.name}/bias`);
    if (spec.type === 'conv2d' && kernel && bias) {
      initializers.push(
        tensor(`${layer.name}/kernel`, hwioToOihw(kernel)),
        tensor(`${layer.name}/bias`, bias),
      );
      const pads = spec.kernelSize.map((extent) => (extent - 1) / 2);
      add(
        'Conv',
        `${layer.name}/out`,
        [`${layer.name}/kernel`, `${layer.name}/bias`],
        [ints('pads', [...pads, ...pads])],
      );
    } else if (spec.type === 'maxPooling2d') {
      add(
        'MaxPool',
        `${layer.name}/out`,
        [],
        [ints('kernel_shape', spec.poolSize), ints('strides', spec.strides)],
      );
    } else if (spec.type === 'flatten') {
      flattened = layer.inputShape;
      add('Flatten', `${layer.name}/out`, []);
    } else if (kernel && bias) {
      const rows = flattened ? hwcToChwRows(kernel, flattened) : kernel;
      flattened = undefined;
      initializers.push(tensor(`${layer.name}/kernel`, rows), tensor(`${layer.name}/bias`, bias));
      add('Gemm', `${layer.name}/out`, [`${layer.name}/kernel`, `${layer.name}/bias`]);
    }
    addActivation(spec, layer.name, add);
  });
  const graph: Message = [
    ...nodes.map((node) => message(1, node)),
    text(2, 'simdnet'),
    ...initializers.map((initializer) => message(5, initializer)),
    message(11, value('images', ['batch', channels, height, width])),
    message(12, value(current, ['batch', network.layers.at(-1)!.outputShape[0]!])),
  ];
  return concatenate([integer(1, 8), message(7, graph), message(8, [text(1, ''), integer(2, 17)])]);
}

function addActivation(
  spec: LayerSpec,
  name: string,
  add: (op: string, name: string, inputs: readonly string[], attributes?: Message) => void,
): void {
  if (!('activation' in spec)) return;
  if (spec.activation === 'relu') add('Relu', `${name}/relu`, []);
  if (spec.activation === 'softmax') add('Softmax', 'probabilities', [], [int('axis', 1)]);
}

function tensor(name: string, { shape, data }: Tensor): Message {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return [...shape.map((extent) => integer(1, extent)), integer(2, FLOAT), text(8, name), bytes(9, raw)];
}

function value(name: string, shape: readonly (string | number)[]): Message {
  const dimensions = shape.map((extent) =>
    message(1, [typeof extent === 'number' ? integer(1, extent) : text(2, extent)]),
  );
  return [text(1, name), message(2, [message(1, [integer(1, FLOAT), message(2, dimensions)])])];
}

function ints(name: string, values: readonly number[]): Uint8Array {
  return message(5, [text(1, name), ...values.map((each) => integer(8, each)), integer(20, ATTRIBUTE_INTS)]);
}

function int(name: string, each: number): Uint8Array {
  return message(5, [text(1, name), integer(3, each), integer(20, ATTRIBUTE_INT)]);
}

function integer(field: number, each: number): Uint8Array {
  return Uint8Array.from([...varint(field << 3), ...varint(each)]);
}

function text(field: number, each: string): Uint8Array {
  return bytes(field, new TextEncoder().encode(each));
}

function message(field: number, parts: Message): Uint8Array {
  return bytes(field, concatenate(parts));
}

function bytes(field: number, content: Uint8Array): Uint8Array {
  return concatenate([Uint8Array.from([...varint((field << 3) | 2), ...varint(content.length)]), content]);
}

function varint(each: number): number[] {
  const groups: number[] = [];
  for (; each > 127; each = Math.floor(each / 128)) groups.push((each % 128) + 128);
  return [...groups, each];
}

function concatenate(parts: Message): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
