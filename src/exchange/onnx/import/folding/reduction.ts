/** Operators that make one value of many. */
import type { Site } from '../site.ts';
import { count, type Constant, type Element } from '../value.ts';
import { known, made, productWithBatch, sumWithBatch, type WithBatch } from './arithmetic.ts';
import { given, type Folding } from './folding.ts';
import { stridesOf } from './strided.ts';

export const reduction: Folding = {
  ReduceProd: (site) => reduced(site, productWithBatch, 1),
  ReduceSum: (site) => reduced(site, sumWithBatch, 0),
  ReduceMax: (site) => reduced(site, ofNumbers(Math.max), -Infinity),
  ReduceMin: (site) => reduced(site, ofNumbers(Math.min), Infinity),
  ReduceMean: (site) => reduced(site, sumWithBatch, 0, (sum, length) => sum / length),
  ReduceL2: (site) => reduced(site, ofNumbers(plusSquare), 0, Math.sqrt),
  ReduceSumSquare: (site) => reduced(site, ofNumbers(plusSquare), 0),
};

function plusSquare(sum: number, value: number): number {
  return sum + value * value;
}

function ofNumbers(compute: (a: number, b: number) => number): WithBatch {
  return (a, b) => (typeof a === 'number' && typeof b === 'number' ? compute(a, b) : undefined);
}

/** @param finish  what becomes of what so many values came to */
function reduced(
  site: Site,
  step: WithBatch,
  initial: number,
  finish?: (result: number, length: number) => number,
): Constant {
  const from = given(site, 0);
  const { type, shape, data } = from;
  const wanted = site.ints('axes') ?? site.numbers(1) ?? [];
  if (wanted.length === 0 && site.int('noop_with_empty_axes', 0) !== 0) return from;
  const axes = new Set(wanted.map((axis) => site.axis(axis, shape.length)));
  const isReduced = (axis: number): boolean => axes.size === 0 || axes.has(axis);
  const kept = shape.map((extent, axis) => (isReduced(axis) ? 1 : extent));
  const strides = stridesOf(kept).map((stride, axis) => (isReduced(axis) ? 0 : stride));
  const inner = stridesOf(shape);
  site.graph.charge(data.length);
  const results = new Array<Element>(count(kept)).fill(initial);
  for (let i = 0; i < data.length; i++) {
    let to = 0;
    shape.forEach((extent, axis) => (to += (Math.floor(i / inner[axis]!) % extent) * strides[axis]!));
    results[to] = known(site, step(results[to]!, data[i]!));
  }
  const length = data.length / results.length;
  const keepdims = site.int('keepdims', 1) !== 0;
  return made(site, type, keepdims ? kept : shape.filter((_, axis) => !isReduced(axis)), (i) =>
    finish ? finish(site.number(results[i]!), length) : results[i]!,
  );
}
