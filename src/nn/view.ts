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
  const [height, width, channels] =
    shape.length === 1 ? [1, 1, shape[0]!] : [shape[0]!, shape[1]!, shape[2]!];
  const pixel = channels * 4;
  const row = (width + margins.left + margins.right) * pixel;
  const image = (height + margins.top + margins.bottom) * row;
  const address = arena.allocate(batch * image) + margins.top * row + margins.left * pixel;
  return { address, image, row, pixel, height, width, channels };
}

/** The same memory as images of one pixel. @throws if there are margins in between */
export function flattenView(view: View): View {
  const channels = view.height * view.width * view.channels;
  if (view.image !== channels * 4) throw new Error('A view with margins cannot be flattened.');
  return { ...view, row: view.image, pixel: view.image, height: 1, width: 1, channels };
}

/** Compact memory seen with the height, width and channels of another view. */
export function unflattenView(flat: View, { height, width, channels }: View): View {
  const pixel = channels * 4;
  return { address: flat.address, image: flat.image, row: width * pixel, pixel, height, width, channels };
}
