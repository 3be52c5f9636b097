/** How large a picture may be, from its header, before memory is taken for it. */
import { FormatError } from '../errors.ts';
import { MAX_PIXELS, MAX_SIDE, mostDecoded } from '../limits.ts';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * A picture is decoded in memory and in time that its pixels decide, and a few bytes can stand for millions of equal ones.
 *
 * @param fileBytes  that it is in
 * @param decoded  bytes that it takes in some other form, if that is more than red, green, blue and alpha
 * @param name  the file, for messages
 * @throws FormatError when it is larger than `MAX_SIDE`, `MAX_PIXELS` or `mostDecoded` allow
 */
export function checkPictureSize(size: PictureSize, fileBytes: number, name: string, decoded = 0): void {
  const { width, height } = size;
  const pixels = width * height;
  const tooMany = `${name}: ${width}×${height} pixels are more than simdnet reads`;
  if (width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS) {
    throw new FormatError(
      `${tooMany} (${MAX_SIDE} on a side, ${MAX_PIXELS / (1024 * 1024)} megapixels in all); make the image smaller first`,
    );
  }
  const bytes = Math.max(decoded, 4 * pixels);
  if (bytes <= mostDecoded(fileBytes)) return;
  throw new FormatError(
    `${tooMany} from a file of ${fileBytes} bytes (${mostDecoded(fileBytes)} bytes of pixels, not ${bytes}); ` +
      'make the image smaller first',
  );
}
