import type { Arena } from '../engine/arena.ts';
import { NO_MARGINS, type Margins, type Shape } from './shape.ts';

/** A batch of images in engine memory, NHWC float32, each with zero margins around it that nobody ever writes. */
export interface View {
  /** The address of the first image's first pixel, inside the margins. */
  readonly address: number;
  /** Bytes from one image, row, pixel to the next. */
  readonly image: number;
  readonly row: number;
  readonly pixel: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Allocates a view for `batch` images of a shape; [units] counts as one pixel with that many channels. */
export function allocateView(arena: Arena, batch: number, shape: Shape, margins: Margins = NO_MARGINS): View {
  const [height, width, channels] = extents(shape);
  const pixel = channels * 4;
  const row = (width + margins.left + margins.right) * pixel;
  const image = (height + margins.top + margins.bottom) * row;
  const address = arena.allocate(batch * image) + margins.top * row + margins.left * pixel;
  return { address, image, row, pixel, height, width, channels };
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
  return { address: view.address, image: view.image, row: width * pixel, pixel, height, width, channels };
}

function extents(shape: Shape): readonly [height: number, width: number, channels: number] {
  return shape.length === 1 ? [1, 1, shape[0]!] : [shape[0]!, shape[1]!, shape[2]!];
}
