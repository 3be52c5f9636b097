/** Constants read in another order, or repeated: what most operators on shapes come to. */
import { MAX_RANK } from '../../../../limits.ts';
import type { Site } from '../site.ts';
import { constant, count, type Constant, type Element } from '../value.ts';

/** How far apart in memory the values along each axis are. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** A constant whose value at [i, j, …] is that at offset + i · strides[0] + j · strides[1] + … of another. */
export function strided(
  site: Site,
  from: Constant,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): Constant {
  const length = counted(site, shape);
  const data = emptyLike(from.data, length);
  const index = new Array<number>(shape.length).fill(0);
  let at = offset;
  for (let i = 0; i < length; i++) {
    data[i] = from.data[at]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return constant(from.type, shape, data);
}

/** How many values there will be. @throws FormatError if they are too many, or an extent is no whole number */
export function counted(site: Site, shape: readonly number[]): number {
  if (shape.length > MAX_RANK || !shape.every((extent) => Number.isInteger(extent) && extent >= 0)) {
    throw site.refused(`a constant of the shape [${shape.slice(0, MAX_RANK).join(', ')}] cannot be.`);
  }
  const length = count(shape);
  site.graph.charge(length);
  return length;
}

/** Memory for so many values of the same kind. */
export function emptyLike(
  data: ArrayLike<Element>,
  length: number,
): Record<number, Element> & ArrayLike<Element> {
  if (data instanceof Float32Array) return new Float32Array(length);
  if (data instanceof Uint8Array) return new Uint8Array(length);
  return new Array<Element>(length);
}

/** The shape of constants that are broadcast to each other. @throws FormatError if they do not fit */
export function commonShape(site: Site, shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, i) => {
    const extents = shapes.map((shape) => shape[i - rank + shape.length] ?? 1);
    const extent = extents.find((each) => each !== 1) ?? 1;
    if (extents.every((each) => each === 1 || each === extent)) return extent;
    throw site.refused(
      `constants of the shapes ${shapes.map((each) => `[${each.join(', ')}]`).join(' and ')} do not fit.`,
    );
  });
}

/** A constant, broadcast to a shape. */
export function broadcast(site: Site, from: Constant, shape: readonly number[]): Constant {
  if (from.shape.join() === shape.join()) return from;
  const missing = shape.length - from.shape.length;
  const own = stridesOf(from.shape);
  const strides = shape.map((_, i) => (i < missing || from.shape[i - missing] === 1 ? 0 : own[i - missing]!));
  return strided(site, from, shape, strides);
}
