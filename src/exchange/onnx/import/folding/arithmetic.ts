/** Operators that compute with constants: shapes, and weights that are transformed before they are used. */
import type { OnnxType } from '../../../../formats/onnx/model.ts';
import { exp, log, pow } from '../../../../ieeeMath.ts';
import type { Site } from '../site.ts';
import { constant, type Constant, type Element } from '../value.ts';
import { given, type Folding } from './folding.ts';
import { same } from './movement.ts';
import { broadcast, commonShape, counted } from './strided.ts';

type Binary = (a: number, b: number) => number;

export const arithmetic: Folding = {
  Add: (site) => binary(site, (a, b) => a + b, sumWithBatch),
  Sub: (site) => binary(site, (a, b) => a - b, sumWithBatch),
  Mul: (site) => binary(site, (a, b) => a * b, productWithBatch),
  Div: (site) => binary(site, quotientOf(given(site, 0).type), quotientWithBatch),
  Mod: (site) => binary(site, site.int('fmod', 0) === 0 ? (a, b) => ((a % b) + b) % b : (a, b) => a % b),
  Pow: (site) => binary(site, pow),
  Sum: (site) => several(site, (a, b) => a + b),
  Max: (site) => several(site, Math.max),
  Min: (site) => several(site, Math.min),
  Clip: (site) => {
    const [least, most] = [site.scalar(1) ?? -Infinity, site.scalar(2) ?? Infinity];
    return unary(site, (a) => Math.min(Math.max(a, least), most));
  },
  Neg: (site) => unary(site, (a) => -a),
  Abs: (site) => unary(site, Math.abs),
  Sqrt: (site) => unary(site, Math.sqrt),
  Reciprocal: (site) => unary(site, (a) => 1 / a),
  Exp: (site) => unary(site, exp),
  Log: (site) => unary(site, log),
  Sigmoid: (site) => unary(site, (a) => 1 / (1 + exp(-a))),
  Tanh: (site) => unary(site, (a) => 1 - 2 / (1 + exp(2 * a))),
  Relu: (site) => unary(site, (a) => Math.max(a, 0)),
  Sign: (site) => unary(site, Math.sign),
  Round: (site) => unary(site, toEven),
  Floor: (site) => unary(site, Math.floor),
  Ceil: (site) => unary(site, Math.ceil),
  Not: (site) => unary(site, (a) => Number(a === 0)),
  Equal: (site) => binary(site, (a, b) => Number(a === b), sameWithBatch, 'bool'),
  Greater: (site) => binary(site, (a, b) => Number(a > b), undefined, 'bool'),
  GreaterOrEqual: (site) => binary(site, (a, b) => Number(a >= b), undefined, 'bool'),
  Less: (site) => binary(site, (a, b) => Number(a < b), undefined, 'bool'),
  LessOrEqual: (site) => binary(site, (a, b) => Number(a <= b), undefined, 'bool'),
  And: (site) => binary(site, (a, b) => a && b),
  Or: (site) => binary(site, (a, b) => a || b),
  Xor: (site) => binary(site, (a, b) => a ^ b),
  Where: foldWhere,
  Trilu: foldTriangle,
};

/** What two elements come to of which one depends on the batch; undefined if that is no multiple of it. */
export type WithBatch = (a: Element, b: Element) => Element | undefined;

function binary(site: Site, compute: Binary, withBatch?: WithBatch, type?: OnnxType): Constant {
  return combined(site, given(site, 0), given(site, 1), compute, withBatch, type);
}

/** Of any number of constants. */
function several(site: Site, compute: Binary): Constant {
  const [first, ...others] = site.inputs.map((_, i) => given(site, i));
  if (!first) throw site.refused('it has no inputs: the file is damaged.');
  return others.reduce((a, b) => combined(site, a, b, compute), first);
}

function combined(
  site: Site,
  a: Constant,
  b: Constant,
  compute: Binary,
  withBatch?: WithBatch,
  type?: OnnxType,
): Constant {
  const shape = commonShape(site, [a.shape, b.shape]);
  const [first, second] = [broadcast(site, a, shape), broadcast(site, b, shape)];
  return made(site, type ?? a.type, shape, (i) => {
    const [x, y] = [first.data[i]!, second.data[i]!];
    if (typeof x === 'number' && typeof y === 'number') return compute(x, y);
    return known(site, withBatch?.(x, y));
  });
}

function unary(site: Site, compute: (value: number) => number): Constant {
  const { type, shape, data } = given(site, 0);
  return made(site, type, shape, (i) => compute(site.number(data[i]!)));
}

/** @throws FormatError if it is undefined: what is no multiple of the batch */
export function known(site: Site, element: Element | undefined): Element {
  if (element !== undefined) return element;
  throw site.refused(
    'it computes with the number of images in a batch, which only shapes can: export with a batch of 1.',
  );
}

/** A constant of so many values, as its type holds them. */
export function made(
  site: Site,
  type: OnnxType,
  shape: readonly number[],
  valueAt: (i: number) => Element,
): Constant {
  const length = counted(site, shape);
  if (type !== 'float32')
    return constant(
      type,
      shape,
      Array.from({ length }, (_, i) => valueAt(i)),
    );
  const data = new Float32Array(length);
  for (let i = 0; i < length; i++) data[i] = site.number(valueAt(i));
  return constant(type, shape, data);
}

export function sumWithBatch(a: Element, b: Element): Element | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (b === 0) return a;
  return a === 0 ? b : undefined;
}

export function productWithBatch(a: Element, b: Element): Element | undefined {
  if (typeof a === 'number') return typeof b === 'number' ? a * b : times(b.times * a);
  return typeof b === 'number' ? times(a.times * b) : undefined;
}

function quotientOf(type: OnnxType): Binary {
  return type.startsWith('float') ? (a, b) => a / b : (a, b) => Math.trunc(a / b);
}

function quotientWithBatch(a: Element, b: Element): Element | undefined {
  if (typeof a === 'number') return undefined;
  return typeof b === 'number' ? times(a.times / b) : a.times / b.times;
}

/** A multiple of the batch, if it is a whole one. */
function times(factor: number): Element | undefined {
  if (factor === 0) return 0;
  return Number.isInteger(factor) ? { times: factor } : undefined;
}

function sameWithBatch(a: Element, b: Element): Element | undefined {
  const are = same(a, b);
  return are === undefined ? undefined : Number(are);
}

function foldWhere(site: Site): Constant {
  const [condition, a, b] = [given(site, 0), given(site, 1), given(site, 2)];
  const shape = commonShape(site, [condition.shape, a.shape, b.shape]);
  const [which, first, second] = [condition, a, b].map((each) => broadcast(site, each, shape).data);
  return made(site, a.type, shape, (i) => (which![i] === 0 ? second![i]! : first![i]!));
}

/** Matrices with zeros below a diagonal, or above it. */
function foldTriangle(site: Site): Constant {
  const { type, shape, data } = given(site, 0);
  const [height, width] = shape.slice(-2);
  if (width === undefined) throw site.refused('its input is no matrix.');
  const shift = site.scalar(1) ?? 0;
  const isUpper = site.int('upper', 1) !== 0;
  return made(site, type, shape, (i) => {
    const right = (i % width) - (Math.floor(i / width) % height!) - shift;
    return (isUpper ? right >= 0 : right <= 0) ? data[i]! : 0;
  });
}

/** The nearest whole number; of two, the even one. */
function toEven(value: number): number {
  const up = Math.round(value);
  return up - value === 0.5 && up % 2 !== 0 ? up - 1 : up;
}
