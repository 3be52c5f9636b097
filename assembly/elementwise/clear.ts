/** Zeros. */

/** Runs shorter than this are cleared faster by a loop than by the call that memory.fill is. */
const SHORT: usize = 512;

/**
 * Writes zeros around the images of a view. Between the rows of an image the right margin of one and the left margin of
 * the next are cleared as one, where they touch.
 * @param view       the first pixel inside the margins
 * @param viewRow    bytes from one row to the next
 * @param top,left,bottom,right  how many rows or pixels are margin
 * @param begin,end  a share of the batch
 */
export function clearMargins(
  view: usize,
  viewImage: usize,
  viewRow: usize,
  top: i32,
  left: i32,
  bottom: i32,
  right: i32,
  height: i32,
  width: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const pixel = (<usize>channels) << 2;
  const before = <usize>left * pixel;
  const inside = <usize>width * pixel;
  const after = <usize>right * pixel;
  const line = before + inside + after;
  const touches = line == viewRow;
  for (let image = begin; image < end; image++) {
    let at = view + <usize>image * viewImage - <usize>top * viewRow - before;
    for (let y = -top; y < height + bottom; y++) {
      // What the row has as margin: all of it, or both ends, of which the first touches the row before.
      if (y < 0 || y >= height) clear(at, line);
      else {
        if (y == 0 || !touches) clear(at, before);
        const joined = touches && y < height - 1;
        clear(at + before + inside, joined ? after + before : after);
      }
      at += viewRow;
    }
  }
}

/** Writes zeros to bytes that are a multiple of 4. */
function clear(at: usize, bytes: usize): void {
  if (bytes >= SHORT) {
    memory.fill(at, 0, bytes);
    return;
  }
  const end = at + bytes;
  const endVectors = at + (bytes & ~15);
  for (; at < endVectors; at += 16) v128.store(at, i32x4.splat(0));
  for (; at < end; at += 4) store<f32>(at, 0);
}

/**
 * Writes zeros.
 * @param begin,end  a share of the lines of 64 bytes from `address` on
 */
export function fillZero(address: usize, begin: i32, end: i32): void {
  assert(begin >= 0 && begin <= end);
  memory.fill(address + ((<usize>begin) << 6), 0, (<usize>(end - begin)) << 6);
}
