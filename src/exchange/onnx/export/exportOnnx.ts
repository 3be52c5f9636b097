/** A network as an ONNX file: operators of opset 17, images float32, any batch. */
import { OptionError } from '../../../errors.ts';
import { encodeOnnx } from '../../../formats/onnx/encode.ts';
import type { OnnxGraph } from '../../../formats/onnx/model.ts';
import type { Network } from '../../../nn/network.ts';
import { IMAGES } from '../../../nn/symbolic.ts';
import type { ExportedFile, ExportedNetwork, ExportSettings } from '../../exported.ts';
import type { Layout } from '../../../nn/shape.ts';
import { GraphWriter, Scope } from './graphWriter.ts';
import { CLASS_NAMES, LAYOUT, PIXEL_SCALE } from '../metadata.ts';
import { exportLayer } from './layers/registry.ts';
import { shapeIn, Value } from './value.ts';

/** What the graph's input and output are called, and the size of its batch. */
const [INPUT, OUTPUT, BATCH] = ['input', 'output', 'batch'] as const;

/** A message of protocol buffers has less than 2 GiB; some of that is for what is not weights. */
const MOST_BYTES = 2_000_000_000;

/**
 * One file: input "input" [batch, height, width, channels], or [batch, channels, height, width] with the layout
 * `nchw`, of numbers as the network takes them: 0…1, or 0…255 if that is its pixel scale, which stands in the metadata; output
 * "output", images in the same layout. Weights have the names and the bits that they have in the network.
 * @param name  of the file, without its extension
 * @throws OptionError if a weight is missing, or a layer cannot be expressed, or the weights are more than 2 GB
 */
export function exportOnnx(
  model: ExportedNetwork,
  name: string,
  settings: ExportSettings,
): readonly ExportedFile[] {
  const { network, classNames } = model;
  const bytes = network.parameterCount * 4;
  if (bytes > MOST_BYTES) {
    throw new OptionError(
      `The network's weights are ${(bytes / 1e9).toFixed(1)} GB, but an ONNX file holds 2 GB: export it to keras.`,
    );
  }
  const { layout = 'nhwc' } = settings;
  const content = encodeOnnx({
    irVersion: 8,
    opsets: new Map([['', 17]]),
    producer: 'simdnet',
    graph: graphOf(network, model.weights, layout),
    functions: [],
    metadata: new Map([
      [PIXEL_SCALE, String(network.pixelScale)],
      [LAYOUT, layout],
      ...(classNames ? [[CLASS_NAMES, JSON.stringify(classNames)] as const] : []),
    ]),
  });
  return [{ name: `${name}.onnx`, content }];
}

function graphOf(network: Network, weights: ExportedNetwork['weights'], layout: Layout): OnnxGraph {
  const { layers, specs, inputShape } = network;
  const graph = new GraphWriter([INPUT, OUTPUT]);
  const images = Value.of(new Scope(graph, INPUT), inputShape, layout, INPUT);
  const values = new Map([[IMAGES, images]]);
  layers.forEach((layer, i) => {
    const inputs = network.inputs[i]!.map((name) => values.get(name)!);
    const scope = new Scope(graph, layer.name);
    const value = exportLayer({ spec: specs[i]!, layer, inputs, input: inputs[0]!, scope, weights });
    values.set(layer.name, value);
  });
  const last = values.get(layers.at(-1)!.name)!;
  const described = (name: string, { shape }: Value) =>
    ({ name, type: 'float32', shape: [BATCH, ...shapeIn(layout, shape)] }) as const;
  return graph.finished('simdnet', described(INPUT, images), last.in(layout), described(OUTPUT, last));
}
