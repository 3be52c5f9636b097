import { offsetBy, type Address } from '../engine/pointer.ts';
import { NO_MARGINS, size, type Margins, type Shape } from './shape.ts';

/** A batch of images in engine memory, NHWC float32, each with zero margins around it that nobody ever writes. */
export interface View {
  /** The address of the first image's first pixel, inside the margins. */
  readonly address: Address;
  /** Bytes from one image, row, pixel to the next. */
  readonly image: number;
  readonly row: number;
  readonly pixel: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly margins: Margins;
}

/** Whoever has memory to give. */
export interface Memory {
  /** Memory for the rest of the program. @param margins  of images, around which zeros are expected */
  allocate(bytes: number, view?: Omit<View, 'address'>): Address;
}

/** Allocates a view for `batch` images of a shape; [units] counts as one pixel with that many channels. */
export function allocateView(
  memory: Memory,
  batch: number,
  shape: Shape,
  margins: Margins = NO_MARGINS,
): View {
  const [height, width, channels] = extents(shape);
  const pixel = channels * 4;
  const row = (width + margins.left + margins.right) * pixel;
  const image = (height + margins.top + margins.bottom) * row;
  const view = { image, row, pixel, height, width, channels, margins };
  const start = memory.allocate(batch * image, view);
  return { ...view, address: offsetBy(start, margins.top * row + margins.left * pixel) };
}

/** Whether an image's values are adjacent, without margins in between. */
export function isCompact({ image, height, width, channels }: View): boolean {
  return image === height * width * channels * 4;
}

/** Compact memory as images of another shape; [units] counts as one pixel. @throws if there are margins in between */
export function reshapedView(view: View, shape: Shape): View {
  if (!isCompact(view)) throw new Error('A view with margins cannot be reshaped.');
  const [height, width, channels] = extents(shape);
  const pixel = channels * 4;
  return {
    address: view.address,
    image: size(shape) * 4,
    row: width * pixel,
    pixel,
    height,
    width,
    channels,
    margins: NO_MARGINS,
  };
}

/** Images of the same size without margins, somewhere else. */
export function compactLike({ height, width, channels }: View, address: Address): View {
  const pixel = channels * 4;
  const row = width * pixel;
  return { address, image: height * row, row, pixel, height, width, channels, margins: NO_MARGINS };
}

/** `extent` rows, columns or channels of a view from `offset` on, seen without margins. @param axis  0, 1 or 2 */
export function partOf(whole: View, axis: number, offset: number, extent: number): View {
  const key = (['height', 'width', 'channels'] as const)[axis]!;
  const step = [whole.row, whole.pixel, 4][axis]!;
  return { ...whole, [key]: extent, address: offsetBy(whole.address, offset * step), margins: NO_MARGINS };
}

/** A view as kernels take it, by names that begin alike: its address, and the bytes from one image and row to the next. */
export function place<P extends string>(prefix: P, { address, image, row }: View): Placed<P> {
  return { [prefix]: address, [`${prefix}Image`]: image, [`${prefix}Row`]: row } as Placed<P>;
}

type Placed<P extends string> = Readonly<Record<P, Address> & Record<`${P}Image` | `${P}Row`, number>>;

function extents(shape: Shape): readonly [height: number, width: number, channels: number] {
  if (shape.length === 1) return [1, 1, shape[0]!];
  if (shape.length === 2) return [1, shape[0]!, shape[1]!];
  return [shape[0]!, shape[1]!, shape[2]!];
}
