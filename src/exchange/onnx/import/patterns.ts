/** Activations that exporters write as products of several operators. */
import { near } from './decimal.ts';
import type { Site } from './site.ts';
import type { Feature, Origin } from './value.ts';

/** √½, √(2/π), and what the cube has in GELU's approximation by tanh. */
const ROOT_OF_HALF = 0.7071067811865476;
const ROOT_OF_2_OVER_PI = 0.7978845608028654;
const OF_CUBE = 0.044715;

/** Products x · f(x) that an activation is, and by how much they are larger. */
const PRODUCTS: Readonly<Record<string, { readonly name: string; readonly times: number }>> = {
  Sigmoid: { name: 'silu', times: 1 },
  HardSigmoid: { name: 'hard_silu', times: 1 },
  OnePlusErf: { name: 'gelu', times: 2 },
  OnePlusTanh: { name: 'gelu_approximate', times: 2 },
};

/** The activation that `a · b` is, if b is a number times a function of a without such a one. */
export function patternOf(site: Site, a: Feature, b: Feature): Feature | undefined {
  const gate = factorsOf(b).find(({ of }) => of.origin && Object.hasOwn(PRODUCTS, of.origin.op));
  const input = gate?.of.origin!.input;
  const own = factorsOf(a).find(({ of }) => of === input);
  if (!gate || !own || !input) return undefined;
  const { name, times } = PRODUCTS[gate.of.origin.op]!;
  return site.scaled(site.activation(name, input), times * own.factor * gate.factor);
}

interface Multiple {
  readonly of: Feature;
  readonly factor: number;
  /** By how much of itself the factor may be off; undefined if its parts have 32 bits. */
  readonly rounding: number | undefined;
}

/** A value as multiples of what it was scaled from: itself, what that was scaled from, and so on. */
function factorsOf(value: Feature): Multiple[] {
  const found: Multiple[] = [{ of: value, factor: 1, rounding: undefined }];
  // A few: longer chains are no pattern.
  while (found.length < 6) {
    const { of, factor, rounding } = found.at(-1)!;
    if (of.origin?.op !== 'Scale') break;
    const { input, number, rounding: own } = of.origin;
    found.push({ of: input!, factor: factor * number!, rounding: own ? own + (rounding ?? 0) : rounding });
  }
  return found;
}

/** x, if a value is about `factor` times it. */
function scaledBy(value: Feature | undefined, factor: number): Feature | undefined {
  return value && factorsOf(value).find((each) => near(each.factor, factor, each.rounding))?.of;
}

/** From here on, a softplus is its input: what it adds is less than half of the last bit in 32. */
const SOFTPLUS_IS_LINEAR = 16;

/** Whether where(above, x, other) is `other` everywhere: where(βx > 20, x, softplus(βx) / β). */
export function isSoftplus(above: Feature, x: Feature, other: Feature): boolean {
  const softplus = factorsOf(other).find(({ of }) => of.origin?.op === 'Softplus');
  const argument = softplus?.of.origin!.input;
  const own = argument && factorsOf(argument).find(({ of }) => of === x);
  if (!own || !near(own.factor * softplus.factor, 1)) return false;
  const { op, input, number } = above.origin ?? {};
  return op === 'Above' && input === argument && number! >= SOFTPLUS_IS_LINEAR;
}

/** What 1 + erf(x / √2) and 1 + tanh(√(2/π) · (x + 0.044715 x³)) are to a sum, if it is one of them. */
export function onePlus(input: Feature): Origin | undefined {
  const { op, input: argument } = input.origin ?? {};
  if (op === 'Erf') {
    const x = scaledBy(argument, ROOT_OF_HALF);
    return x && { op: 'OnePlusErf', input: x };
  }
  if (op !== 'Tanh') return undefined;
  const sum = scaledBy(argument, ROOT_OF_2_OVER_PI);
  if (sum?.origin?.op !== 'WithCube') return undefined;
  return { op: 'OnePlusTanh', input: sum.origin.input };
}

/** What x + 0.044715 x³ is, in either order. */
export function withCube(a: Feature, b: Feature): Origin | undefined {
  const cube = scaledBy(b, OF_CUBE);
  return cube?.origin?.op === 'Cube' && cube.origin.input === a ? { op: 'WithCube', input: a } : undefined;
}
