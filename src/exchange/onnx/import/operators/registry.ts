/** The operators that are read: a line for each family. */
import { nearest } from '../../../../suggest.ts';
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
  ['LogSoftmax', 'export the model without it: its input are the logits.'],
  ['QuantizeLinear', QUANTIZED],
  ['DequantizeLinear', QUANTIZED],
  ['QLinearConv', QUANTIZED],
  ['ConvInteger', QUANTIZED],
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
  ['DepthToSpace', 'use Resize (nearest) and Conv.'],
  ['ReduceSum', 'use ReduceMean, and multiply by how many there are.'],
  ['Sqrt', 'only constants can be computed with it.'],
]);

/** An error for an operator that is not read, with what to do instead. */
export function unsupported(site: Site): FormatError {
  const { op, domain } = site.node;
  if (domain !== '') {
    return site.refused(
      `the operator is not supported: it is of the domain "${domain}", and only ONNX' own are.`,
    );
  }
  const like = nearest(op, [...OPERATORS.keys()]);
  const remedy =
    REMEDIES.get(op) ?? (like ? `the nearest is ${like}.` : 'docs/exchange.md lists those that are.');
  return site.refused(`the operator is not supported; ${remedy}`);
}
