import { factorsAlong } from '../axes.ts';
import { near } from '../decimal.ts';
import { isSoftplus } from '../patterns.ts';
import type { Site } from '../site.ts';
import type { Feature } from '../value.ts';
import type { Operator, Operators } from './operator.ts';

/** An activation that has no settings. */
function plain(name: string): Operator {
  return { notes: `\`${name}\``, read: (site) => site.activation(name, site.feature(0)) };
}

export const activations: Operators = {
  Relu: plain('relu'),
  Sigmoid: plain('sigmoid'),
  Tanh: plain('tanh'),
  Softplus: plain('softplus'),
  HardSwish: plain('hard_silu'),
  Clip: {
    notes: '`relu`, `relu6`, or `reLU` with a maximum; other bounds with `rescaling` around it.',
    read: readClip,
  },
  Max: { notes: 'With a constant: as Clip.', read: (site) => clipped(site, ...boundAnd(site, 'least')) },
  Min: { notes: 'With a constant: as Clip.', read: (site) => clipped(site, ...boundAnd(site, 'most')) },
  LeakyRelu: { notes: '`leakyReLU`', read: (site) => leaky(site, site.float('alpha', 0.01)) },
  PRelu: { notes: '`leakyReLU`: with one slope for all.', read: (site) => leaky(site, slopeOf(site)) },
  Elu: {
    notes: '`elu`; with another alpha than 1, of it and `relu`, each times a number.',
    read: (site) => readElu(site, site.float('alpha', 1)),
  },
  Celu: {
    notes: '`elu`; with another alpha than 1, `rescaling` around it.',
    read: (site) => {
      const alpha = site.float('alpha', 1);
      return site.scaled(site.activation('elu', site.scaled(site.feature(0), 1 / alpha)), alpha);
    },
  },
  Mish: { notes: '`multiply` of its input and `tanh` of `softplus`.', read: readMish },
  Selu: {
    notes: '`selu`: with its usual settings.',
    read: (site) => fixed(site, 'selu', { alpha: [1.6732632, 1.6732632], gamma: [1.050701, 1.050701] }),
  },
  HardSigmoid: {
    notes: '`hard_sigmoid`; with other settings than 1/6 and 1/2, `rescaling` in front.',
    read: readHardSigmoid,
  },
  Gelu: {
    notes: '`gelu` or `gelu_approximate`',
    read: (site) =>
      site.activation(
        site.text('approximate', 'none') === 'tanh' ? 'gelu_approximate' : 'gelu',
        site.feature(0),
      ),
  },
  Swish: {
    notes: '`silu`: with an alpha of 1.',
    read: (site) => fixed(site, 'silu', { alpha: [1, 1] }),
  },
  Softmax: { notes: '`softmax`: over channels or classes.', read: readSoftmax },
  Greater: {
    notes: 'As a part of a softplus that is its input above a threshold.',
    read: (site) =>
      site.part(site.feature(0), { op: 'Above', number: site.scalar(1) ?? 0, input: site.feature(0) }),
  },
  Where: { notes: 'As the same part.', read: readWhere },
  Erf: { notes: 'As a part of GELU.', read: (site) => partOf(site, 'Erf') },
  Pow: { notes: 'As a part of GELU.', read: readPower },
};

function readClip(site: Site): Feature {
  const least = site.scalar(1) ?? -Infinity;
  const most = site.scalar(2) ?? Infinity;
  return clipped(site, site.feature(0), least, most);
}

/** The feature of two inputs, and the other as a bound. */
function boundAnd(site: Site, which: 'least' | 'most'): [input: Feature, least: number, most: number] {
  const at = site.inputs[0]?.kind === 'feature' ? 0 : 1;
  const bound = site.inputs.length === 2 ? site.scalar(1 - at) : undefined;
  if (bound === undefined) throw site.refused('it is only supported for one input and a constant.');
  return which === 'least' ? [site.feature(at), bound, Infinity] : [site.feature(at), -Infinity, bound];
}

/** ReLU with a maximum does it, if values are moved to begin at 0, and back. */
function clipped(site: Site, input: Feature, least: number, most: number): Feature {
  if (!(least <= most)) throw site.refused(`it clips to nothing: from ${least} to ${most}.`);
  const moved = input.origin;
  if (least === 0 && most === 6 && moved?.op === 'Add' && moved.number === 3) {
    return site.scaled(site.activation('hard_sigmoid', moved.input!, hardSigmoidOf(moved.input!)), 6);
  }
  if (least === -Infinity) {
    if (most === Infinity) return input;
    const turned = site.affine(input, [-1], [most]);
    return site.affine(site.activation('relu', turned), [-1], [most]);
  }
  const from = least === 0 ? input : site.affine(input, [1], [-least]);
  const range = most - least;
  const limited =
    range === Infinity
      ? site.activation('relu', from)
      : range === 6
        ? site.activation('relu6', from)
        : site.elementwise('reLU', from, { maxValue: range });
  return least === 0 ? limited : site.affine(limited, [1], [least]);
}

function leaky(site: Site, negativeSlope: number): Feature {
  // The activation of that name has this slope.
  if (negativeSlope === 0.2) return site.activation('leaky_relu', site.feature(0));
  return site.elementwise('leakyReLU', site.feature(0), { negativeSlope });
}

function slopeOf(site: Site): number {
  const slopes = site.numbers(1) ?? [];
  if (slopes.length > 0 && slopes.every((slope) => slope === slopes[0])) return slopes[0]!;
  throw site.refused('a slope for each channel is not supported: use LeakyRelu, which has one for all.');
}

/** @param settings  the usual value of each attribute, and the only one that is supported */
function fixed(
  site: Site,
  name: string,
  settings: Readonly<Record<string, readonly [usual: number, only: number]>>,
): Feature {
  for (const [attribute, [usual, only]] of Object.entries(settings)) {
    const value = site.float(attribute, usual);
    if (!near(value, only)) throw site.refused(`${attribute} ${value} is not supported, only ${only}.`);
  }
  return site.activation(name, site.feature(0));
}

/** Slope and offset of the layer's hard sigmoid. */
const SIXTH = 1 / 6;

function readHardSigmoid(site: Site): Feature {
  const input = site.feature(0);
  const alpha = site.float('alpha', 0.2);
  const beta = site.float('beta', 0.5);
  if (near(alpha, SIXTH) && beta === 0.5) {
    return site.activation('hard_sigmoid', input, hardSigmoidOf(input));
  }
  return site.activation('hard_sigmoid', site.affine(input, [6 * alpha], [6 * beta - 3]));
}

function hardSigmoidOf(input: Feature): Feature['origin'] {
  return { op: 'HardSigmoid', input };
}

function readSoftmax(site: Site): Feature {
  const input = site.feature(0);
  const rank = input.axes.length;
  // Before version 13 all axes from this one on were one.
  const isOld = site.graph.opset < 13;
  const first = site.axis(site.int('axis', isOld ? 1 : -1), rank);
  const along = isOld ? Array.from({ length: rank - first }, (_, i) => first + i) : [first];
  const channels = site.graph.layers.shapeOf(input.layer).at(-1)!;
  const factors = factorsAlong(input, along);
  const all = input.factors.flatMap((factor, i) => (factor > 1 ? [i] : []));
  const areLast = factors.join() === all.slice(all.length - factors.length).join();
  const extent = factors.reduce((product, factor) => product * input.factors[factor]!, 1);
  if (input.axes[first] === 'batch' || !areLast || extent !== channels) {
    throw site.refused(`axis ${first} is not supported, only that of channels or classes.`);
  }
  return site.activation('softmax', input);
}

/** Above 0, α · elu(x) + (1 − α) · relu(x) is x; below, the second is 0. */
function readElu(site: Site, alpha: number): Feature {
  const input = site.feature(0);
  const below = site.scaled(site.activation('elu', input), alpha);
  if (alpha === 1) return below;
  const above = site.scaled(site.activation('relu', input), 1 - alpha);
  return site.elementwiseOf('add', [below, above]);
}

function readMish(site: Site): Feature {
  const input = site.feature(0);
  return site.elementwiseOf('multiply', [input, site.activation('tanh', site.activation('softplus', input))]);
}

function readWhere(site: Site): Feature {
  const [above, input, other] = site.inputs;
  if (above?.kind === 'feature' && input?.kind === 'feature' && other?.kind === 'feature') {
    if (isSoftplus(above, input, other)) return other;
  }
  throw site.refused('it is only supported as a part of softplus: where(βx > 20, x, softplus(βx) / β).');
}

function partOf(site: Site, op: string): Feature {
  const input = site.feature(0);
  return site.part(input, { op, input });
}

function readPower(site: Site): Feature {
  const exponent = site.scalar(1);
  if (exponent === 1) return site.feature(0);
  return partOf(site, exponent === 3 ? 'Cube' : 'Pow');
}
