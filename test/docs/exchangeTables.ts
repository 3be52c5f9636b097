/** The tables of docs/exchange.md, made of the code: what each layer becomes elsewhere, and which operators of ONNX are read. */
import { exportOnnx } from '../../src/exchange/onnx/export/exportOnnx.ts';
import { OPERATORS } from '../../src/exchange/onnx/import/operators/registry.ts';
import { kerasModelOf } from '../../src/exchange/keras/config.ts';
import { exportPyTorch } from '../../src/exchange/pytorch/exportPyTorch.ts';
import { networkOfTfjs } from '../../src/exchange/tfjs/substitutes.ts';
import { OptionError } from '../../src/errors.ts';
import { decodeOnnx } from '../../src/formats/onnx/decode.ts';
import { layerTypes } from '../../src/nn/layers/registry.ts';
import { kerasNameOf } from '../../src/nn/layers/definition.ts';
import { buildNetwork, type Network } from '../../src/nn/network.ts';
import { parseLayerSpec, type LayerSpec } from '../../src/nn/spec.ts';
import { IMAGES } from '../../src/nn/symbolic.ts';
import { size } from '../../src/nn/shape.ts';

const SHAPE = [8, 8, 3];

/** What layers cannot do without. A type that is not here needs nothing. */
const OPTIONS: Readonly<Record<string, object>> = {
  conv2d: { filters: 3, kernelSize: 3 },
  depthwiseConv2d: { kernelSize: 3 },
  separableConv2d: { filters: 4, kernelSize: 3 },
  dense: { units: 4 },
  activation: { activation: 'relu' },
  dropout: { rate: 0.5 },
  spatialDropout2d: { rate: 0.5 },
  normalization: { mean: 0.5, variance: 0.25 },
  rescaling: { scale: 2, offset: 1 },
  reshape: { targetShape: [4, 16, 3] },
  cropping2d: { cropping: 1 },
  randomFlip: {},
  randomTranslation: { heightFactor: 0.1, widthFactor: 0.1 },
  randomRotation: { factor: 0.1 },
  randomZoom: { heightFactor: 0.1 },
  randomBrightness: { factor: 0.1 },
  randomContrast: { factor: 0.1 },
  randomSaturation: { factor: 0.1 },
  cutout: { size: 2 },
  mixUp: {},
};

/** Layers of one type, as the middle of a network. */
function networkOf(type: string): Network {
  const isDense = type === 'dense';
  const before = isDense
    ? { type: 'flatten', name: 'before', inputShape: SHAPE }
    : { type: 'batchNormalization', name: 'before', inputShape: SHAPE };
  const several = ['add', 'subtract', 'multiply', 'concatenate'].includes(type);
  const layer = {
    type,
    name: 'it',
    inputs: several ? ['before', IMAGES] : ['before'],
    ...OPTIONS[type],
  };
  return buildNetwork([before, layer].map((each) => parseLayerSpec(each)));
}

const weightsOf = (network: Network) =>
  new Map(
    network.weights.map(({ name, shape }) => [
      name,
      { shape, data: new Float32Array(size(shape)).fill(0.5) },
    ]),
  );

/** A cell: names, or why there are none. */
async function cell(names: () => readonly string[] | Promise<readonly string[]>): Promise<string> {
  try {
    const found = [...new Set(await names())];
    return found.length > 0 ? found.map((name) => `\`${name}\``).join(', ') : 'left out';
  } catch (error) {
    if (error instanceof OptionError) return 'refused';
    throw error;
  }
}

async function onnx(network: Network): Promise<readonly string[]> {
  const [file] = exportOnnx({ network, weights: weightsOf(network) }, 'a', { layout: 'nchw' });
  const bytes = file!.content as Uint8Array;
  const { graph } = await decodeOnnx(bytes, 'a');
  return graph.nodes
    .filter(
      ({ name, outputs, inputs }) =>
        ![name, ...outputs, ...inputs].includes('before') || name.startsWith('it'),
    )
    .map(({ op }) => op);
}

function pytorch(network: Network): readonly string[] {
  const [file] = exportPyTorch({ network, weights: weightsOf(network) }, 'a');
  const text = file!.content as string;
  const body = text.slice(text.indexOf('class Network'));
  const lines = body.split('\n').filter((line) => !/self\.before|nn\.Module/.test(line));
  const names = lines.flatMap(
    (line) => line.match(/\b(?:nn|F|torch)\.\w+|\.(?:mean|amax|reshape|permute)(?=\()/g) ?? [],
  );
  if (names.length > 0) return names;
  if (body.includes('[:')) return ['[:, …]'];
  const forward = body.slice(body.indexOf('def forward'));
  return (forward.match(/ [-+*] /g) ?? []).map((operator) => operator.trim());
}

function keras(network: Network): readonly string[] {
  return kerasModelOf(network)
    .layers.filter(({ name }) => name.startsWith('it'))
    .map(({ type }) => kerasNameOf(type));
}

function tfjs(network: Network): readonly string[] {
  return kerasModelOf(networkOfTfjs(network), { version: 2 })
    .layers.filter(({ name }) => name.startsWith('it'))
    .map(({ type }) => kerasNameOf(type));
}

/** A table in Markdown, its columns aligned. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, i) => text.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

export async function layersTable(): Promise<string> {
  const rows = layerTypes().map(async (type) => {
    const network = networkOf(type);
    return [
      `\`${type as LayerSpec['type']}\``,
      await cell(() => onnx(network)),
      await cell(() => keras(network)),
      await cell(() => tfjs(network)),
      await cell(() => pytorch(network)),
    ];
  });
  return table(['layer', 'ONNX', 'Keras', 'tfjs', 'PyTorch'], await Promise.all(rows));
}

export function operatorsTable(): string {
  const rows = [...OPERATORS]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { notes }]) => [`\`${name}\``, notes]);
  return table(['operator', 'what it becomes'], rows);
}

/** The page with its tables as they are now. */
export async function withTables(page: string): Promise<string> {
  const tables = { layers: await layersTable(), operators: operatorsTable() };
  return Object.entries(tables).reduce(
    (text, [name, content]) =>
      text.replace(
        new RegExp(`<!-- ${name} -->[^]*?<!-- end -->`),
        () => `<!-- ${name} -->\n\n${content}\n\n<!-- end -->`,
      ),
    page,
  );
}
