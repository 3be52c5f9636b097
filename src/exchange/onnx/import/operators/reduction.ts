import { extentOf, remapped, storedOrder } from '../axes.ts';
import { LINES } from '../layers.ts';
import type { Site } from '../site.ts';
import type { Axis, Feature } from '../value.ts';
import type { Operators } from './operator.ts';

/** The layers that reduce images over both axes, and over one. */
interface Pooling {
  readonly all: string;
  readonly lines: string;
}

const MEAN: Pooling = { all: 'globalAveragePooling2d', lines: 'averagePooling2d' };
const LARGEST: Pooling = { all: 'globalMaxPooling2d', lines: 'maxPooling2d' };

export const reductions: Operators = {
  ReduceMean: {
    notes: '`globalAveragePooling2d`, or `averagePooling2d`: over height, width or both of images.',
    read: (site) => readReduction(site, MEAN),
  },
  ReduceMax: {
    notes: '`globalMaxPooling2d`, or `maxPooling2d`: over height, width or both of images.',
    read: (site) => readReduction(site, LARGEST),
  },
};

function readReduction(site: Site, pooling: Pooling): Feature {
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
  const images = imagesOf(site, input, reduced);
  const gone = new Set(
    [...axes].flatMap((axis): readonly number[] => {
      const list = images?.axes[axis] ?? 'batch';
      return list === 'batch' ? [] : list;
    }),
  );
  const isOfImages = gone.size > 0 && [...axes].every((axis) => input.axes[axis] !== 'batch');
  if (!images || !isOfImages || (gone.has(CHANNELS) && images.factors[CHANNELS]! > 1)) {
    throw site.refused(
      `it reduces axes [${given.join(', ')}] of ${rank}; only height and width of images are supported.`,
    );
  }
  const output = { ...images, ...pooled(site, images, gone, pooling) };
  return remapped(output, { axes: without(output.axes, reduced, keeps) });
}

/** The place of channels among what lies in memory for an image. */
const CHANNELS = 2;

/** The same feature, of a layer whose outputs are images with a factor for each axis. */
function imagesOf(site: Site, input: Feature, reduced: (axis: number) => boolean): Feature | undefined {
  if (input.factors.length === 3 && input.factors.join() === site.graph.layers.shapeOf(input.layer).join()) {
    return input;
  }
  if (input.axes.length !== 4 || input.axes[0] !== 'batch') return undefined;
  // Of an axis of extent 1 the place is not known.
  const order = storedOrder(input).sort((a, b) => Number(reduced(b)) - Number(reduced(a)));
  return site.output(site.arranged(input, order).layer, order);
}

/** Pooled over all of height, of width, or of both. */
function pooled(
  site: Site,
  { layer, factors }: Feature,
  gone: ReadonlySet<number>,
  { all, lines }: Pooling,
): Pick<Feature, 'layer' | 'factors' | 'origin'> {
  const [height, width, channels] = factors as [number, number, number];
  const poolSize = [gone.has(0) ? height : 1, gone.has(1) ? width : 1] as const;
  const shape = [height / poolSize[0], width / poolSize[1], channels];
  const isWhole = shape[0] === 1 && shape[1] === 1;
  const number = isWhole
    ? site.layer(all, [layer], { keepdims: true })
    : site.layer(LINES, [layer], { all, lines, poolSize }, {}, shape);
  return { layer: number, factors: shape, origin: undefined };
}

/** The axes without those of extent 1 that are reduced, or with them as they are. */
function without(axes: readonly Axis[], reduced: (axis: number) => boolean, keeps: boolean): readonly Axis[] {
  return keeps ? axes : axes.filter((_, i) => !reduced(i));
}
