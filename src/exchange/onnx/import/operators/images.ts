/** What joins images, adds to their borders, cuts them off, and makes them larger. */
import type { Pair } from '../../../../nn/shape.ts';
import { extentOf, orderOf, placesAlong, storedOrder } from '../axes.ts';
import { LOWEST_PADDING } from '../layers.ts';
import { nameHint } from '../names.ts';
import { CHANNELS_FIRST, type Site } from '../site.ts';
import type { Feature } from '../value.ts';
import type { Sides } from '../windows.ts';
import type { Operators } from './operator.ts';

export const images: Operators = {
  Concat: { notes: '`concatenate`; of flattened images too.', read: readConcat },
  Pad: {
    notes: '`zeroPadding2d`, or the padding of the layer behind it. Of height and width, with zeros.',
    read: readPad,
  },
  Slice: { notes: '`cropping2d`: of height and width, with steps of 1.', read: readSlice },
  Resize: { notes: '`upSampling2d`: nearest, by whole factors.', read: readResize },
};

function readConcat(site: Site): Feature {
  const inputs = site.inputs.map((_, i) => site.feature(i));
  const rank = inputs[0]!.axes.length;
  const axis = site.axis(site.int('axis', 0), rank);
  if (inputs.some((input) => input.axes.length !== rank) || inputs[0]!.axes[axis] === 'batch') {
    throw site.refused('its inputs must have the same axes, and be joined along another than the first.');
  }
  if (inputs.length === 1) return inputs[0]!;
  if (rank === 2 && inputs.some((input) => placesAlong(input, 1))) return joinedVectors(site, inputs);
  const order = orderOf(inputs);
  const layers = inputs.map((input) => site.arranged(input, order).layer);
  return site.output(site.layer('concatenate', layers, { axis: order.indexOf(axis) + 1 }), order);
}

/** Flattened images one behind the other, each in an order of its own. */
function joinedVectors(site: Site, inputs: readonly Feature[]): Feature {
  const lengths = inputs.map((input) => {
    const length = extentOf(input, 1);
    if (input.axes[0] === 'batch' && length !== 'batch') return length;
    throw site.refused('the first axis of its inputs must be that of the images in a batch.');
  });
  const length = lengths.reduce((sum, each) => sum + each, 0);
  site.graph.charge(length);
  const places = new Int32Array(length);
  let start = 0;
  inputs.forEach((input, i) => {
    const own = placesAlong(input, 1);
    for (let at = 0; at < lengths[i]!; at++) places[start + at] = start + (own ? own[at]! : at);
    start += lengths[i]!;
  });
  const layers = inputs.map(({ layer }, i) => site.graph.layers.reshaped(layer, [lengths[i]!], site.where));
  return { ...site.output(site.layer('concatenate', layers), [1]), places };
}

/** What some exporters have for "to the end"; others have larger ones. */
const INT32_MAX = 2_147_483_647;

/** Below all numbers that a layer puts out, which is how a maximum is padded. */
const LOWEST = -3e38;

function readPad(site: Site): Feature {
  const input = site.feature(0);
  const rank = input.axes.length;
  const mode = site.text('mode', 'constant');
  const value = site.scalar(2) ?? 0;
  if (mode !== 'constant' || (value !== 0 && value > LOWEST)) {
    throw site.refused(
      `${mode === 'constant' ? `padding with ${value}` : `the mode ${mode}`} is not supported, only with zeros.`,
    );
  }
  const pads = site.numbers(1) ?? [];
  const axes =
    site.numbers(3)?.map((axis) => site.axis(axis, rank)) ?? Array.from({ length: rank }, (_, i) => i);
  if (pads.length !== 2 * axes.length) throw site.refused('it has not two pads for each axis.');
  const sides = sidesOf(site, input, axes, pads);
  if (!sides) return input;
  const { layer, shape, order } = site.stored(input);
  if (value === 0) return site.output(site.layer('zeroPadding2d', [layer], { padding: sides }), order);
  const { where } = site;
  const padded = shape.map((extent, i) => extent + (sides[i] ?? [0, 0])[0] + (sides[i] ?? [0, 0])[1]);
  const hint = nameHint(site.node);
  const options = { padding: sides };
  return site.output(
    site.graph.layers.add({ type: LOWEST_PADDING, inputs: [layer], options, shape: padded, hint, where }),
    order,
  );
}

/** Begins and ends of axes as those of height and width in memory; undefined if all are 0. */
function sidesOf(
  site: Site,
  input: Feature,
  axes: readonly number[],
  given: readonly number[],
): Sides | undefined {
  if (given.every((each) => each === 0)) return undefined;
  if (input.axes.length !== 4) throw site.refused('it is only supported for images.');
  const order = storedOrder(input);
  const sides: [Pair, Pair] = [
    [0, 0],
    [0, 0],
  ];
  axes.forEach((axis, i) => {
    const [begin, end] = [given[i]!, given[i + axes.length]!];
    if (begin === 0 && end === 0) return;
    const place = order.indexOf(axis);
    if (place !== 0 && place !== 1) {
      throw site.refused('it is only supported along height and width, not along channels.');
    }
    sides[place] = [begin, end];
  });
  return sides;
}

function readSlice(site: Site): Feature {
  const input = site.feature(0);
  const rank = input.axes.length;
  const starts = site.numbers(1) ?? [];
  const ends = site.numbers(2) ?? [];
  const axes = (site.numbers(3) ?? starts.map((_, i) => i)).map((axis) => site.axis(axis, rank));
  const steps = site.numbers(4) ?? starts.map(() => 1);
  if ([ends, axes, steps].some((list) => list.length !== starts.length)) {
    throw site.refused('its starts, ends, axes and steps are not equally many.');
  }
  const cut = axes.map((axis, i): Pair => {
    const extent = extentOf(input, axis);
    const isAll = starts[i] === 0 && ends[i]! >= INT32_MAX;
    if (extent === 'batch') {
      if (isAll && steps[i] === 1) return [0, 0];
      throw site.refused('images of a batch cannot be left out.');
    }
    const inside = (at: number): number => Math.min(Math.max(at < 0 ? at + extent : at, 0), extent);
    if (steps[i] !== 1) throw site.refused('only steps of 1 are supported: use a pooling instead.');
    return [inside(starts[i]!), extent - inside(ends[i]!)];
  });
  const sides = sidesOf(site, input, axes, [...cut.map(([begin]) => begin), ...cut.map(([, end]) => end)]);
  if (!sides) return input;
  const { layer, order } = site.stored(input);
  return site.output(site.layer('cropping2d', [layer], { cropping: sides }), order);
}

function readResize(site: Site): Feature {
  const { layer, shape } = site.images(site.feature(0));
  const scales = site.inputs[2] ? site.numbers(2)! : [];
  const sizes = site.inputs[3] ? site.constant(3)!.data : [];
  const factors = [0, 1].map((i) =>
    scales.length === 4 ? scales[i + 2]! : sizes.length === 4 ? site.number(sizes[i + 2]!) / shape[i]! : 0,
  );
  const channels = scales.length === 4 ? scales[1] : sizes[1];
  const keepsChannels = scales.length === 4 ? channels === 1 : channels === shape[2];
  const mode = site.text('mode', 'nearest');
  if (mode !== 'nearest' || !keepsChannels || !factors.every((each) => Number.isInteger(each) && each > 0)) {
    throw site.refused(
      `the mode ${mode} by [${factors.join(', ')}] is not supported, only nearest by whole factors.`,
    );
  }
  if (!isRepetition(site, factors)) {
    throw site.refused(
      'its coordinates are not supported: only those by which each pixel is repeated, such as "asymmetric" with "floor".',
    );
  }
  return site.output(site.layer('upSampling2d', [layer], { size: factors }), CHANNELS_FIRST);
}

/** Whether the nearest pixel is that of which an enlarged one is a part. */
function isRepetition(site: Site, factors: readonly number[]): boolean {
  const coordinates = site.text('coordinate_transformation_mode', 'half_pixel');
  const rounding = site.text('nearest_mode', 'round_prefer_floor');
  if (coordinates === 'asymmetric') {
    return rounding === 'floor' || (rounding === 'round_prefer_floor' && Math.max(...factors) <= 2);
  }
  return /^(pytorch_)?half_pixel$/.test(coordinates) && rounding.startsWith('round_prefer');
}
