/** The operators that are read: a line for each family. */
import { quoted } from '../../../../quoted.ts';
import type { Site } from '../site.ts';
import type { FormatError } from '../../../../errors.ts';
import { activations } from './activation.ts';
import { arithmetic } from './arithmetic.ts';
import { convolutions } from './convolution.ts';
import { denseLayers } from './dense.ts';
import { images } from './images.ts';
import { normalizations } from './normalization.ts';
import type { Operator } from './operator.ts';
import { poolings } from './pooling.ts';
import { reductions } from './reduction.ts';
import { shapes } from './shape.ts';

/** By name, those that depend on the image. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  [
    convolutions,
    denseLayers,
    normalizations,
    arithmetic,
    activations,
    poolings,
    reductions,
    shapes,
    images,
  ].flatMap((family) => Object.entries(family)),
);

const BATCH_NORMALIZATION =
  'the only normalization is BatchNormalization: train the model with that, for instance with nn.BatchNorm2d.';
const QUANTIZED = 'export the model before it is quantized, with float32.';
const LOGITS = 'export the model without it: its input are the logits.';
const CONTROL = 'export the model without loops and conditions, for a fixed input.';
const RECURRENT = 'there are no recurrent layers, only networks for images.';
const ATTENTION = 'there is no attention: networks of convolutions and dense layers are supported.';

/** What to do about some of the others. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ['InstanceNormalization', BATCH_NORMALIZATION],
  ['LayerNormalization', BATCH_NORMALIZATION],
  ['GroupNormalization', BATCH_NORMALIZATION],
  ['LRN', BATCH_NORMALIZATION],
  ['LpNormalization', BATCH_NORMALIZATION],
  ['ConvTranspose', 'use Resize (nearest) and Conv: nn.Upsample and nn.Conv2d.'],
  ['LogSoftmax', LOGITS],
  ['Log', 'behind a softmax, export the model without both: their input are the logits.'],
  ['Hardmax', LOGITS],
  ['ArgMax', LOGITS],
  ['TopK', LOGITS],
  ['QuantizeLinear', QUANTIZED],
  ['DequantizeLinear', QUANTIZED],
  ['QLinearConv', QUANTIZED],
  ['QLinearMatMul', QUANTIZED],
  ['ConvInteger', QUANTIZED],
  ['MatMulInteger', QUANTIZED],
  ['DynamicQuantizeLinear', QUANTIZED],
  ['If', CONTROL],
  ['Loop', CONTROL],
  ['Scan', CONTROL],
  ['LSTM', RECURRENT],
  ['GRU', RECURRENT],
  ['RNN', RECURRENT],
  ['Attention', ATTENTION],
  ['Einsum', ATTENTION],
  ['Split', 'use convolutions with as many filters as each part has channels.'],
  ['Gather', 'only shapes can be picked from.'],
  ['GatherND', 'only shapes can be picked from; an AdaptiveAvgPool2d must divide its input evenly.'],
  ['DepthToSpace', 'use Resize (nearest) and Conv.'],
  ['SpaceToDepth', 'use Conv with strides.'],
  ['Abs', 'use relu(x) + relu(−x).'],
  ['Softsign', 'train the model with Tanh.'],
  ['ThresholdedRelu', 'train the model with Relu or LeakyRelu.'],
  ['LpPool', 'use AveragePool or MaxPool.'],
  ['ReduceL2', BATCH_NORMALIZATION],
  ['ReduceSum', 'use ReduceMean, and multiply by how many there are.'],
  ['Sqrt', 'only constants can be computed with it.'],
]);

/** An error for an operator that is not read, with what to do instead. */
export function unsupported(site: Site): FormatError {
  const { op, domain } = site.node;
  if (domain !== '') {
    return site.refused(
      `the operator is not supported: it is of the domain ${quoted(domain)}, and only ONNX' own are` +
        (domain.startsWith('com.microsoft')
          ? ': export the model before ONNX Runtime optimizes or quantizes it.'
          : '.'),
    );
  }
  // Nothing by spelling: what sounds alike does something else.
  const remedy = REMEDIES.get(op) ?? 'docs/exchange.md lists those that are.';
  return site.refused(`the operator is not supported; ${remedy}`);
}
