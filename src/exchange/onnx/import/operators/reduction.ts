import { extentOf, remapped, storedOrder } from '../axes.ts';
import type { Site } from '../site.ts';
import type { Axis, Feature } from '../value.ts';
import type { Operators } from './operator.ts';

export const reductions: Operators = {
  ReduceMean: {
    notes: '`globalAveragePooling2d`: over both axes of images.',
    read: (site) => readReduction(site, 'globalAveragePooling2d'),
  },
  ReduceMax: {
    notes: '`globalMaxPooling2d`: over both axes of images.',
    read: (site) => readReduction(site, 'globalMaxPooling2d'),
  },
};

function readReduction(site: Site, type: string): Feature {
  const input = site.feature(0);
  const rank = input.axes.length;
  const given = site.ints('axes') ?? site.numbers(1) ?? [];
  if (given.length === 0 && site.int('noop_with_empty_axes', 0) !== 0) return input;
  const axes = new Set(given.map((axis) => site.axis(axis, rank)));
  const keeps = site.int('keepdims', 1) !== 0;
  const reduced = (axis: number): boolean => axes.has(axis);
  // Of one value, the mean and the largest are itself.
  if (axes.size > 0 && [...axes].every((axis) => extentOf(input, axis) === 1)) {
    return remapped(input, { axes: without(input.axes, reduced, keeps) });
  }
  if (rank !== 4 || axes.size !== 2 || [...axes].some((axis) => input.axes[axis] === 'batch')) {
    throw site.refused(
      `it reduces axes [${given.join(', ')}] of ${rank}; only height and width of images together are supported.`,
    );
  }
  const order = storedOrder(input).sort((a, b) => Number(reduced(b)) - Number(reduced(a)));
  const { layer } = site.arranged(input, order);
  const output = site.output(site.layer(type, [layer], { keepdims: true }), order);
  return remapped(output, { axes: without(output.axes, reduced, keeps) });
}

/** The axes without those of extent 1 that are reduced, or with them as they are. */
function without(axes: readonly Axis[], reduced: (axis: number) => boolean, keeps: boolean): readonly Axis[] {
  return keeps ? axes : axes.filter((_, i) => !reduced(i));
}
