/** Operators that put the values of constants into another order or shape. */
import { MAX_RANK } from '../../../../limits.ts';
import type { Site } from '../site.ts';
import { constant, count, type Constant, type Element } from '../value.ts';
import { broadcast, commonShape, counted, emptyLike, strided, stridesOf } from './strided.ts';
import type { Folding } from './folding.ts';
import { given } from './folding.ts';

export const movement: Folding = {
  Identity: (site) => given(site, 0),
  Reshape: (site) => {
    const from = given(site, 0);
    const wanted = numbersOf(site, 1).map((extent, i) =>
      extent === 0 && site.int('allowzero', 0) === 0 ? (from.shape[i] ?? 0) : extent,
    );
    const known = count(wanted.filter((extent) => extent !== -1));
    return reshaped(
      site,
      from,
      wanted.map((extent) => (extent === -1 ? from.data.length / known : extent)),
    );
  },
  Flatten: (site) => {
    const from = given(site, 0);
    const axis = site.int('axis', 1);
    const at = axis < 0 ? axis + from.shape.length : axis;
    return reshaped(site, from, [count(from.shape.slice(0, at)), count(from.shape.slice(at))]);
  },
  Squeeze: (site) => {
    const from = given(site, 0);
    const axes = axesOf(site, from.shape.length);
    return reshaped(
      site,
      from,
      from.shape.filter((extent, i) => (axes ? !axes.includes(i) : extent !== 1)),
    );
  },
  Unsqueeze: (site) => {
    const from = given(site, 0);
    const rank = from.shape.length + (site.ints('axes') ?? numbersOf(site, 1)).length;
    if (rank > MAX_RANK) throw site.refused(`${rank} axes are more than there can be.`);
    const places = axesOf(site, rank) ?? [];
    const extents = [...from.shape];
    return reshaped(
      site,
      from,
      Array.from({ length: rank }, (_, i) => (places.includes(i) ? 1 : (extents.shift() ?? 1))),
    );
  },
  Transpose: (site) => {
    const from = given(site, 0);
    const rank = from.shape.length;
    const order = (site.ints('perm') ?? from.shape.map((_, i) => rank - 1 - i)).map((axis) =>
      site.axis(axis, rank),
    );
    if (new Set(order).size !== rank) throw site.refused('its perm is no order of the axes.');
    const strides = stridesOf(from.shape);
    return strided(
      site,
      from,
      order.map((axis) => from.shape[axis]!),
      order.map((axis) => strides[axis]!),
    );
  },
  Expand: (site) => {
    const from = given(site, 0);
    const wanted = numbersOf(site, 1);
    return broadcast(site, from, commonShape(site, [from.shape, wanted]));
  },
  Tile: (site) => {
    const from = given(site, 0);
    const repeats = numbersOf(site, 1);
    if (repeats.length !== from.shape.length) throw site.refused('it has not one number for each axis.');
    const strides = stridesOf(from.shape);
    // Each axis as two, of which the first one goes nowhere in memory.
    const parts = from.shape.flatMap((extent, i) => [repeats[i]!, extent]);
    const tiled = strided(
      site,
      from,
      parts,
      strides.flatMap((stride) => [0, stride]),
    );
    return { ...tiled, shape: from.shape.map((extent, i) => extent * repeats[i]!) };
  },
  Concat: foldConcat,
  Gather: foldGather,
  Slice: foldSlice,
};

function numbersOf(site: Site, at: number): readonly number[] {
  given(site, at);
  return site.numbers(at)!;
}

function axesOf(site: Site, rank: number): readonly number[] | undefined {
  return (site.ints('axes') ?? site.numbers(1))?.map((axis) => site.axis(axis, rank));
}

function reshaped(site: Site, from: Constant, shape: readonly number[]): Constant {
  const fits = shape.length <= MAX_RANK && shape.every((extent) => extent >= 0);
  if (fits && count(shape) === from.data.length) return { ...from, shape };
  throw site.refused(`a constant [${from.shape.join(', ')}] cannot become [${shape.join(', ')}].`);
}

function foldConcat(site: Site): Constant {
  const parts = site.inputs.map((_, i) => given(site, i));
  const first = parts[0]!;
  const axis = site.axis(site.int('axis', 0), first.shape.length);
  const fits = parts.every(
    ({ shape }) =>
      shape.length === first.shape.length &&
      shape.every((extent, i) => i === axis || extent === first.shape[i]),
  );
  if (!fits) throw site.refused('its constants do not fit each other.');
  const extent = parts.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  const shape = first.shape.map((each, i) => (i === axis ? extent : each));
  const data = emptyLike(
    parts.some((part) => Array.isArray(part.data)) ? [] : first.data,
    counted(site, shape),
  );
  const rows = count(shape.slice(0, axis));
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const part of parts) {
      const length = part.data.length / rows;
      for (let i = 0; i < length; i++) data[at++] = part.data[row * length + i]!;
    }
  }
  return constant(first.type, shape, data);
}

function foldGather(site: Site): Constant {
  const from = given(site, 0);
  const places = given(site, 1);
  const axis = site.axis(site.int('axis', 0), from.shape.length);
  const extent = from.shape[axis]!;
  const indices = numbersOf(site, 1).map((index) => {
    const at = index < 0 ? index + extent : index;
    if (Number.isInteger(at) && at >= 0 && at < extent) return at;
    throw site.refused(`index ${index} is outside the ${extent} values along axis ${axis}.`);
  });
  const shape = [...from.shape.slice(0, axis), ...places.shape, ...from.shape.slice(axis + 1)];
  const data = emptyLike(from.data, counted(site, shape));
  const rows = count(from.shape.slice(0, axis));
  const width = count(from.shape.slice(axis + 1));
  let to = 0;
  for (let row = 0; row < rows; row++) {
    for (const index of indices) {
      const start = (row * extent + index) * width;
      for (let i = 0; i < width; i++) data[to++] = from.data[start + i]!;
    }
  }
  return constant(from.type, shape, data);
}

function foldSlice(site: Site): Constant {
  const from = given(site, 0);
  const rank = from.shape.length;
  const starts = numbersOf(site, 1);
  const ends = numbersOf(site, 2);
  const axes = (site.numbers(3) ?? starts.map((_, i) => i)).map((axis) => site.axis(axis, rank));
  const steps = site.numbers(4) ?? starts.map(() => 1);
  const shape = [...from.shape];
  const strides = stridesOf(from.shape);
  let offset = 0;
  axes.forEach((axis, i) => {
    const extent = from.shape[axis]!;
    const step = steps[i] ?? 0;
    if (step === 0 || shape[axis] !== extent) throw site.refused('its steps or axes are damaged.');
    const inside = (at: number, least: number, most: number): number =>
      Math.min(Math.max(at < 0 ? at + extent : at, least), most);
    const begin = step > 0 ? inside(starts[i]!, 0, extent) : inside(starts[i]!, 0, extent - 1);
    const end = step > 0 ? inside(ends[i] ?? 0, 0, extent) : inside(ends[i] ?? 0, -1, extent - 1);
    shape[axis] = Math.max(0, Math.ceil((end - begin) / step));
    offset += begin * strides[axis]!;
    strides[axis] = strides[axis]! * step;
  });
  return strided(site, from, shape, strides, offset);
}

/** Whether two elements are surely the same, surely not, or it depends on the batch. */
export function same(a: Element, b: Element): boolean | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a === b;
  if (typeof a === 'object' && typeof b === 'object') return a.times === b.times;
  const number = typeof a === 'number' ? a : b;
  // A batch has at least one image.
  return typeof number === 'number' && number < 1 ? false : undefined;
}
