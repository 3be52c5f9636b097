/** How axes of ONNX map to memory: what transposing, reshaping and reading in another order mean for the map alone. */
import type { Axis, Feature } from './value.ts';

/** The extent of an axis; that of the batch is not known. */
export function extentOf({ factors, axes }: Feature, axis: number): number | 'batch' {
  const list = axes[axis]!;
  return list === 'batch' ? 'batch' : list.reduce((product, factor) => product * factors[factor]!, 1);
}

/** The extents of all axes but that of the batch. */
export function extentsOf(feature: Feature): number[] {
  return feature.axes.flatMap((_, i) => {
    const extent = extentOf(feature, i);
    return extent === 'batch' ? [] : [extent];
  });
}

/** The factors that axes run over one after the other, without those of extent 1, whose place does not matter. */
export function factorsAlong({ factors, axes }: Feature, order: readonly number[]): number[] {
  return order.flatMap((axis) => {
    const list = axes[axis]!;
    return list === 'batch' ? [] : list.filter((factor) => factors[factor]! > 1);
  });
}

/** Whether values that are read along these axes are read as they lie in memory. */
export function isStored(feature: Feature, order: readonly number[]): boolean {
  if (feature.places) return false;
  return factorsAlong(feature, order).every((factor, i, all) => i === 0 || factor > all[i - 1]!);
}

/** All axes but the first, which is that of the batch, in the order in which they lie in memory. */
export function storedOrder(feature: Feature): number[] {
  const { axes, factors } = feature;
  const place = (axis: number): number => {
    const list = axes[axis] as readonly number[];
    // Of an axis of extent 1 the place is only known where it comes from a layer; it may be in front as well.
    return list.find((factor) => factors[factor]! > 1) ?? list[0] ?? -1;
  };
  return axes
    .flatMap((axis, i) => (axis === 'batch' ? [] : [i]))
    .sort((a, b) => place(a) - place(b) || a - b);
}

/** The order in which the axes of several values lie in memory: that of the one of which most is known. */
export function orderOf(features: readonly Feature[]): number[] {
  // The place of an axis of extent 1 is not always known.
  const unknown = (feature: Feature): number => extentsOf(feature).filter((extent) => extent === 1).length;
  return storedOrder(features.reduce((a, b) => (unknown(b) < unknown(a) ? b : a)));
}

/** The map of a layer's output: its axis `i` is the axis `order[i]` of ONNX, where that of the batch is the first. */
export function mapOf(shape: readonly number[], order: readonly number[]): Pick<Feature, 'factors' | 'axes'> {
  const axes = Array.from({ length: order.length + 1 }, (): Axis => 'batch');
  order.forEach((axis, i) => {
    axes[axis] = [i];
  });
  return { factors: shape, axes };
}

/**
 * The same values with other axes. What they were computed from is forgotten, unless the map is the same: it has the old axes, and
 * patterns must not look through the change.
 */
export function remapped(feature: Feature, map: Partial<Pick<Feature, 'factors' | 'axes'>>): Feature {
  const { kind, layer, factors, axes, places } = { ...feature, ...map };
  return textOf(factors, axes) === textOf(feature.factors, feature.axes)
    ? feature
    : { kind, layer, factors, axes, places };
}

function textOf(...map: readonly unknown[]): string {
  return JSON.stringify(map);
}

/**
 * The map of the same values, read in their order in ONNX, with other extents.
 * @param extents  without that of the batch, which becomes the first axis; their product is that of the old ones
 * @returns undefined if an extent would need parts of factors that it does not divide
 */
export function regrouped(
  feature: Feature,
  extents: readonly number[],
): Pick<Feature, 'factors' | 'axes'> | undefined {
  if (feature.places && !extents.includes(feature.places.length)) return undefined;
  // Objects, for factors may be split: then their numbers change.
  const stored = feature.factors.map((extent) => ({ extent, parts: [] as { extent: number }[] }));
  const sequence = feature.axes.flatMap((axis) => (axis === 'batch' ? [] : axis)).map((i) => stored[i]!);
  const open = sequence.filter(({ extent }) => extent > 1).reverse();
  let left = 1;
  const groups: { extent: number }[][] = [];
  for (const extent of extents) {
    const group: { extent: number }[] = [];
    let wanted = extent;
    while (wanted > 1) {
      if (left === 1) left = open.at(-1)?.extent ?? 1;
      const taken = left % wanted === 0 ? wanted : wanted % left === 0 ? left : 1;
      if (taken === 1) return undefined;
      const part = { extent: taken };
      open.at(-1)!.parts.push(part);
      group.push(part);
      wanted /= taken;
      left /= taken;
      if (left === 1) open.pop();
    }
    groups.push(group);
  }
  const parts = stored.flatMap((each) => (each.extent > 1 ? each.parts : [{ extent: each.extent }]));
  const numbers = new Map(parts.map((part, i) => [part, i]));
  return {
    factors: parts.map(({ extent }) => extent),
    axes: ['batch', ...groups.map((group) => group.map((part) => numbers.get(part)!))],
  };
}

/**
 * Where each value along an axis lies in memory, counted among the values of the factors that the axis runs over; undefined if they
 * lie as they are read.
 */
export function placesAlong({ factors, axes, places: known }: Feature, axis: number): Int32Array | undefined {
  if (known) return known;
  const list = (axes[axis] as readonly number[]).filter((factor) => factors[factor]! > 1);
  const sorted = list.toSorted((a, b) => a - b);
  if (list.every((factor, i) => factor === sorted[i])) return undefined;
  const strides = new Map<number, number>();
  let stride = 1;
  for (const factor of sorted.toReversed()) {
    strides.set(factor, stride);
    stride *= factors[factor]!;
  }
  let places = Int32Array.of(0);
  for (const factor of list) {
    const extent = factors[factor]!;
    const step = strides.get(factor)!;
    const next = new Int32Array(places.length * extent);
    places.forEach((place, i) => {
      for (let j = 0; j < extent; j++) next[i * extent + j] = place + j * step;
    });
    places = next;
  }
  return places;
}
