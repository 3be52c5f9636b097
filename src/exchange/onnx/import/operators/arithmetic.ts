import { extentOf, factorsAlong, orderOf } from '../axes.ts';
import { ROUNDING_TO_16 } from '../decimal.ts';
import { onePlus, patternOf, withCube } from '../patterns.ts';
import type { Site } from '../site.ts';
import { count, type Constant, type Feature, type Origin } from '../value.ts';
import type { Operators } from './operator.ts';

const WITH_CONSTANTS =
  'with a constant, for all or one for each channel, it goes into the weights of the layer before it, or becomes `rescaling`';

export const arithmetic: Operators = {
  Add: { notes: `\`add\`; ${WITH_CONSTANTS}.`, read: readAdd },
  Sum: { notes: '`add`', read: (site) => merged(site, 'add', featuresOf(site)) },
  Sub: { notes: `\`subtract\`; ${WITH_CONSTANTS}.`, read: readSub },
  Mul: {
    notes: `\`multiply\`; ${WITH_CONSTANTS}. Parts of SiLU, hard-swish and GELU are recognised.`,
    read: readMul,
  },
  Div: { notes: 'By a constant, for all or one for each channel: as Mul.', read: readDiv },
  Neg: { notes: 'As Mul by −1.', read: (site) => site.scaled(site.feature(0), -1) },
};

function featuresOf(site: Site): Feature[] {
  return site.inputs.map((_, i) => site.feature(i));
}

interface Operands {
  readonly input: Feature;
  readonly numbers: readonly number[];
  /** By how much of themselves the numbers may be off, if they had 16 bits. */
  readonly rounding: number | undefined;
}

/** One input with the other as numbers for its channels, on whichever side it is; undefined if both are features. */
function operandsOf(site: Site): Operands | undefined {
  const [a, b] = site.inputs;
  if (a?.kind === 'feature' && b?.kind === 'feature') return undefined;
  const at = a?.kind === 'feature' ? 1 : 0;
  const input = site.feature(1 - at);
  const given = site.constant(at);
  if (!given) throw site.refused('it has one input: the file is damaged.');
  const rounding = given.type === 'float16' ? ROUNDING_TO_16 : undefined;
  return { input, numbers: perChannel(site, input, given), rounding };
}

function readAdd(site: Site): Feature {
  const operands = operandsOf(site);
  if (!operands) {
    const [a, b] = featuresOf(site) as [Feature, Feature];
    const origin = withCube(a, b) ?? withCube(b, a);
    return { ...merged(site, 'add', [a, b]), ...(origin && { origin }) };
  }
  const { input, numbers } = operands;
  if (numbers.length > 1) return site.affine(input, [1], numbers);
  const number = numbers[0]!;
  const origin = number === 1 ? onePlus(input) : undefined;
  return site.affine(input, [1], numbers, origin ?? { op: 'Add', number, input });
}

function readSub(site: Site): Feature {
  const operands = operandsOf(site);
  if (!operands) return merged(site, 'subtract', featuresOf(site));
  const { input, numbers } = operands;
  if (site.inputs[0] === input) {
    return site.affine(
      input,
      [1],
      numbers.map((number) => -number),
    );
  }
  return site.affine(input, [-1], numbers);
}

function readMul(site: Site): Feature {
  const operands = operandsOf(site);
  if (operands) return times(site, operands);
  const [a, b] = featuresOf(site) as [Feature, Feature];
  const origin = powerOf(a, b) ?? powerOf(b, a);
  if (origin) return { ...merged(site, 'multiply', [a, b]), origin };
  return patternOf(site, a, b) ?? patternOf(site, b, a) ?? merged(site, 'multiply', [a, b]);
}

/** What x · x and x² · x are. */
function powerOf(a: Feature, b: Feature): Origin | undefined {
  if (a === b) return { op: 'Square', input: a };
  return a.origin?.op === 'Square' && a.origin.input === b ? { op: 'Cube', input: b } : undefined;
}

function readDiv(site: Site): Feature {
  const operands = operandsOf(site);
  if (operands?.input !== site.inputs[0] || !operands) {
    throw site.refused('only division by a constant is supported.');
  }
  return times(site, { ...operands, numbers: operands.numbers.map((number) => 1 / number) });
}

function times(site: Site, { input, numbers, rounding }: Operands): Feature {
  return numbers.length === 1 ? site.scaled(input, numbers[0]!, rounding) : site.affine(input, numbers, [0]);
}

/**
 * The numbers of a constant that is broadcast to a feature: one, or one for each of its channels in memory.
 * @throws FormatError if they differ along other axes, or broadcasting would make the feature larger
 */
function perChannel(site: Site, input: Feature, { shape, data }: Constant): readonly number[] {
  site.graph.charge(data.length);
  const numbers = Array.from(data, (element) => site.number(element));
  const rank = input.axes.length;
  const missing = rank - shape.length;
  const along = shape.flatMap((extent, i) => (extent === 1 ? [] : [i + missing]));
  const fits = along.every((axis) => axis >= 0 && extentOf(input, axis) === shape[axis - missing]);
  if (!fits || missing < 0) {
    throw site.refused(
      `a constant [${shape.join(', ')}] does not fit its other input, which has ${rank} axes: [${input.axes
        .map((_, i) => extentOf(input, i))
        .join(', ')}].`,
    );
  }
  if (count(shape) === 1) return numbers;
  const factors = factorsAlong(input, along);
  const all = input.factors.flatMap((factor, i) => (factor > 1 ? [i] : []));
  const channels = site.graph.layers.shapeOf(input.layer).at(-1);
  const areLast = factors.join() === all.slice(-factors.length).join();
  if (areLast && numbers.length === channels) {
    return input.places ? inPlace(numbers, input.places) : numbers;
  }
  throw site.refused(
    `a constant [${shape.join(', ')}] that differs from pixel to pixel is not supported: only one number, or one for each channel.`,
  );
}

function inPlace(numbers: readonly number[], places: Int32Array): number[] {
  const moved = new Array<number>(numbers.length);
  numbers.forEach((number, i) => (moved[places[i]!] = number));
  return moved;
}

/** A layer of several inputs, which are broadcast to each other. */
function merged(site: Site, type: string, inputs: readonly Feature[]): Feature {
  const rank = inputs[0]!.axes.length;
  if (inputs.some(({ axes }) => axes.length !== rank)) {
    throw site.refused('its inputs have different numbers of axes: reshape one to the axes of the other.');
  }
  const extents = inputs.map((input) => input.axes.map((_, i) => extentOf(input, i)));
  const fit = extents[0]!.every((_, axis) => {
    const others = extents.map((each) => each[axis]).filter((extent) => extent !== 1);
    return others.every((extent) => extent === others[0]);
  });
  if (!fit) {
    const list = extents.map((each) => `[${each.join(', ')}]`).join(' and ');
    throw site.refused(`its inputs ${list} do not fit each other.`);
  }
  const order = orderOf(inputs);
  const arranged = inputs.map((input) => site.arranged(input, order).layer);
  return site.output(site.layer(type, arranged), order);
}
