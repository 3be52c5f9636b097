/** A network as an ONNX file, for peers that read one. */
import type { Network } from '../../src/nn/network.ts';
import type { Tensor } from '../../src/nn/parameters.ts';
import type { Shape } from '../../src/nn/shape.ts';
import { IMAGES } from '../../src/nn/symbolic.ts';
import { writeLayer } from './onnxLayers.ts';
import { concatenate, integer, message, text, value, type Message } from './protobuf.ts';

/** What layers are written into: nodes and constants, and where each value is found. */
export class OnnxGraph {
  readonly nodes: Message[] = [];
  readonly initializers: Message[] = [];
  /** Vectors that are images flattened in C, H, W order, and the shape of those: rows of dense kernels follow it. */
  readonly flattened = new Map<string, Shape>();
  readonly #names = new Map<string, string>([[IMAGES, IMAGES]]);
  #count = 0;

  /** The name of a layer's output. */
  nameOf(layer: string): string {
    return this.#names.get(layer)!;
  }

  setName(layer: string, name: string): void {
    this.#names.set(layer, name);
  }

  /** Adds an operator. @returns the name of its output, `output` if given */
  add(op: string, inputs: readonly string[], attributes: Message = [], output?: string): string {
    const name = output ?? `${op}_${this.#count++}`;
    this.nodes.push([...inputs.map((input) => text(1, input)), text(2, name), text(4, op), ...attributes]);
    return name;
  }

  /** Adds a constant, encoded. @returns its name */
  constant(name: string, encode: (name: string) => Message): string {
    this.initializers.push(encode(name));
    return name;
  }
}

/**
 * An ONNX model, input "images" [batch, C, H, W] float32 in 0…1, output "probabilities".
 * @throws Error for a layer that is not written down here
 */
export function toOnnx(network: Network, weights: ReadonlyMap<string, Tensor>): Uint8Array {
  const [height, width, channels] = network.inputShape;
  const graph = new OnnxGraph();
  network.layers.forEach((layer, i) => {
    writeLayer({ graph, spec: network.specs[i]!, layer, inputs: network.inputs[i]!, weights });
  });
  const last = network.layers.at(-1)!;
  graph.add('Identity', [graph.nameOf(last.name)], [], 'probabilities');
  const encoded: Message = [
    ...graph.nodes.map((node) => message(1, node)),
    text(2, 'simdnet'),
    ...graph.initializers.map((initializer) => message(5, initializer)),
    message(11, value(IMAGES, ['batch', channels, height, width])),
    message(12, value('probabilities', ['batch', last.outputShape[0]!])),
  ];
  return concatenate([integer(1, 8), message(7, encoded), message(8, [text(1, ''), integer(2, 17)])]);
}
