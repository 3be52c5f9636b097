/** Windows that move over images: kernels and poolings, as ONNX' attributes and as layers' options have them. */
import type { Pair } from '../../../nn/shape.ts';
import type { Site } from './site.ts';

/** [[top, bottom], [left, right]] */
export type Sides = readonly [Pair, Pair];

export interface Window {
  readonly size: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Sides;
}

/**
 * The window of a node on an image.
 * @param image  [height, width, …]
 * @throws FormatError if an attribute is out of range
 */
export function windowOf(site: Site, image: readonly number[], size: Pair): Window {
  const strides = pairOf(site, 'strides');
  const dilations = pairOf(site, 'dilations');
  const axes = [0, 1].map((i): Pair => {
    const extent = (size[i]! - 1) * dilations[i]! + 1;
    return padsOf(site, i, image[i]!, extent, strides[i]!);
  });
  return { size, strides, dilations, pads: axes as unknown as Sides };
}

/** Two whole numbers above 0, 1 by default. */
export function pairOf(site: Site, name: string): Pair {
  const values = site.ints(name) ?? [1, 1];
  if (values.length === 2 && values.every((value) => Number.isInteger(value) && value > 0)) {
    return values as unknown as Pair;
  }
  throw site.refused(
    `its ${name} are [${values.join(', ')}]; only two dimensions are supported, such as [1, 1].`,
  );
}

/** @param extent  of the window, what dilation adds included */
function padsOf(site: Site, axis: number, size: number, extent: number, stride: number): Pair {
  const auto = site.text('auto_pad', 'NOTSET');
  if (auto === 'VALID') return [0, 0];
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
    const [less, more] = samePads(size, extent, stride);
    return auto === 'SAME_UPPER' ? [less, more] : [more, less];
  }
  const pads = site.ints('pads') ?? [0, 0, 0, 0];
  if (pads.length !== 4 || !pads.every((pad) => Number.isInteger(pad) && pad >= 0)) {
    throw site.refused(
      `its pads are [${pads.join(', ')}]; they must be four whole numbers of at least 0: [top, left, bottom, right].`,
    );
  }
  const begin = pads[axis]!;
  const end = pads[axis + 2]!;
  return [begin, site.int('ceil_mode', 0) === 0 ? end : ceilingPad(size, begin, end, extent, stride)];
}

/** As many that the output has ceil(size / stride) rows; the odd one at the end. */
function samePads(size: number, extent: number, stride: number): Pair {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** What must be added at the end so that a last window that is not full is taken too, if it begins within the image or before it. */
function ceilingPad(size: number, begin: number, end: number, extent: number, stride: number): number {
  const last = Math.ceil((size + begin + end - extent) / stride) * stride;
  const taken = last >= size + begin ? last - stride : last;
  return Math.max(end, taken + extent - size - begin);
}

/** The option `padding` of a layer. */
export function paddingOption(
  { size, strides, dilations, pads }: Window,
  image: readonly number[],
): 'valid' | 'same' | Sides {
  if (pads.flat().every((pad) => pad === 0)) return 'valid';
  const isSame = pads.every(([begin, end], i) => {
    const same = samePads(image[i]!, (size[i]! - 1) * dilations[i]! + 1, strides[i]!);
    return begin === same[0] && end === same[1];
  });
  return isSame ? 'same' : pads;
}
