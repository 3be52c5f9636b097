/**
 * Images flipped, shifted, zoomed, rotated or partly hidden at random: each pixel of the output is taken from a place of the
 * input that an affine map of its own image says. Maps and weights come from IEEE arithmetic alone, so that all tiers have
 * the same bits.
 */
import { storePartInline } from '../activation/vectorMath';
import { drawWords, uniform } from './draws';
import { within } from './border';

/** What is drawn; src/nn/operations/augmentation.ts has the same numbers. The first three take whole pixels as they are. */
const FLIP: i32 = 0;
const HIDE: i32 = 1;
const SHIFT_PIXELS: i32 = 2;
const SHIFT: i32 = 3;
const ZOOM: i32 = 4;
/** Both axes by the number of the vertical one. */
const ZOOM_EVENLY: i32 = 5;
const ROTATE: i32 = 6;

/** 2 π. */
const TURN: f64 = 6.283185307179586;

/**
 * Each image draws a number for the vertical axis and one for the horizontal. FLIP: mirrored if below 0. SHIFT: so many
 * pixels down and to the right; SHIFT_PIXELS: rounded down. ZOOM: by 1 + number, above 0 outwards. ROTATE: by so many turns
 * against the clock, of the first number. HIDE: the constant in a square that begins there, rounded down.
 * @param input,output  [batch, height, width, channels]; strides in bytes
 * @param side         of the square
 * @param border,fill  what lies beyond: see border.ts
 * @param examples  0; or [batch] of two u32, which example each image is and how often it has been seen: it then draws by
 *   the former, and is mirrored every other time that it is seen
 * @param begin,end  a share of the batch
 */
export function augmentGeometry(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  width: i32,
  channels: i32,
  kind: i32,
  yLow: f64,
  yHigh: f64,
  xLow: f64,
  xHigh: f64,
  side: i32,
  border: i32,
  fill: f32,
  examples: usize,
  seedLow: i32,
  seedHigh: i32,
  stream: i32,
  step: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const pixel = (<usize>channels) << 2;
  const fills = f32x4.splat(fill);
  for (let image = begin; image < end; image++) {
    const example = examples + ((<usize>image) << 3);
    let words = drawWords(seedLow, seedHigh, stream, step, examples ? load<i32>(example) : image);
    if (examples) words = v128.xor(words, i32x4.splat(load<i32>(example, 4) << 31));
    const vertical = uniform(i32x4.extract_lane(words, 0), yLow, yHigh);
    const horizontal = uniform(i32x4.extract_lane(words, 1), xLow, xHigh);
    // From the middle of the image the source of (y, x) is (a · y + b · x − down, c · x − b · y − right).
    let a: f64 = 1;
    let b: f64 = 0;
    let c: f64 = 1;
    let down: f64 = 0;
    let right: f64 = 0;
    if (kind == FLIP) {
      a = vertical < 0 ? -1 : 1;
      c = horizontal < 0 ? -1 : 1;
    } else if (kind == ROTATE) {
      // e^(i · angle) as 1 + i · angle / 1 · (1 + i · angle / 2 · (…)), within 1e-13: none of them is larger than 1.
      for (let n: f64 = 48; n > 0; n--) {
        const share = (vertical * TURN) / n;
        const real = 1 - share * b;
        b = share * a;
        a = real;
      }
      c = a;
    } else if (kind >= ZOOM) {
      a = 1 + vertical;
      c = 1 + (kind == ZOOM ? horizontal : vertical);
    } else if (kind != HIDE) {
      down = kind == SHIFT ? vertical : floor(vertical);
      right = kind == SHIFT ? horizontal : floor(horizontal);
    }
    const middleRow = 0.5 * <f64>(height - 1);
    const middleColumn = 0.5 * <f64>(width - 1);
    const from = input + <usize>image * inputImage;
    for (let y = 0; y < height; y++) {
      let to = output + <usize>image * outputImage + <usize>y * outputRow;
      const fromMiddle = <f64>y - middleRow;
      const startRow = middleRow + a * fromMiddle - b * middleColumn - down;
      const startColumn = middleColumn - b * fromMiddle - c * middleColumn - right;
      if (kind < SHIFT) {
        const row = within(<i32>startRow, height, border);
        const firstColumn = <i32>startColumn;
        const firstHidden = <i32>floor(horizontal);
        const hides = kind == HIDE && <u32>(y - <i32>floor(vertical)) < <u32>side;
        // From here to there, pixels lie beside each other in the input, too.
        const runEnd = min(width, width - firstColumn);
        const straight = row >= 0 && c > 0 && !hides;
        const runBegin = straight ? max(0, -firstColumn) : width;
        for (let x = 0; x < width; x++) {
          if (x == runBegin && x < runEnd) {
            const bytes = <usize>(runEnd - x) * pixel;
            copy(to, from + <usize>row * inputRow + <usize>(x + firstColumn) * pixel, bytes);
            to += bytes;
            x = runEnd - 1;
            continue;
          }
          let column = firstColumn + x * <i32>c;
          if (<u32>column >= <u32>width) column = within(column, width, border);
          const hidden = hides && <u32>(x - firstHidden) < <u32>side;
          const filled = hidden || (row | column) < 0;
          const source = from + <usize>row * inputRow + <usize>column * pixel;
          const left = <usize>(width - x) * pixel;
          for (let i: usize = 0; i < pixel; i += 16) {
            const value = filled ? fills : v128.load(source + i);
            storeOfRow(to + i, value, left - i, pixel - i);
          }
          to += pixel;
        }
        continue;
      }
      const starts = f64x2.replace_lane(f64x2.splat(startRow), 1, startColumn);
      const steps = f64x2.replace_lane(f64x2.splat(b), 1, c);
      for (let x = 0; x < width; x++) {
        const place = f64x2.add(starts, f64x2.mul(steps, f64x2.splat(<f64>x)));
        const floors = f64x2.floor(place);
        const indices = i32x4.trunc_sat_f64x2_s_zero(floors);
        const above = i32x4.extract_lane(indices, 0);
        const before = i32x4.extract_lane(indices, 1);
        const rests = f32x4.demote_f64x2_zero(f64x2.sub(place, floors));
        const down = v128.shuffle<f32>(rests, rests, 0, 0, 0, 0);
        const right = v128.shuffle<f32>(rests, rests, 1, 1, 1, 1);
        const left = <usize>(width - x) * pixel;
        const inside = (above | before) >= 0 && above + 1 < height && before + 1 < width;
        for (let i: usize = 0; i < pixel; i += 16) {
          let a: v128, b: v128, c: v128, d: v128;
          if (inside) {
            const at = from + <usize>above * inputRow + <usize>before * pixel + i;
            a = v128.load(at);
            b = v128.load(at + pixel);
            c = v128.load(at + inputRow);
            d = v128.load(at + inputRow + pixel);
          } else {
            a = tap(from + i, inputRow, pixel, above, before, height, width, border, fill);
            b = tap(from + i, inputRow, pixel, above, before + 1, height, width, border, fill);
            c = tap(from + i, inputRow, pixel, above + 1, before, height, width, border, fill);
            d = tap(from + i, inputRow, pixel, above + 1, before + 1, height, width, border, fill);
          }
          storeOfRow(to + i, mix(mix(a, b, right), mix(c, d, right), down), left - i, pixel - i);
        }
        to += pixel;
      }
    }
  }
}

/** Whole floats. */
function copy(to: usize, from: usize, bytes: usize): void {
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(to + i, v128.load(from + i));
  for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(from + i));
}

/** Stores `part` bytes of a pixel, of which and of pixels that are stored later `left` are left in the row. */
// @ts-ignore: decorator
@inline
function storeOfRow(to: usize, value: v128, left: usize, part: usize): void {
  if (left >= 16) v128.store(to, value);
  else storePartInline(to, value, part);
}

/** Four floats of a pixel, wherever it may lie. Up to 12 bytes behind the pixel are read. */
function tap(
  from: usize,
  stride: usize,
  pixel: usize,
  row: i32,
  column: i32,
  height: i32,
  width: i32,
  border: i32,
  fill: f32,
): v128 {
  row = within(row, height, border);
  column = within(column, width, border);
  return (row | column) < 0
    ? f32x4.splat(fill)
    : v128.load(from + <usize>row * stride + <usize>column * pixel);
}

// @ts-ignore: decorator
@inline
function mix(a: v128, b: v128, share: v128): v128 {
  return f32x4.add(a, f32x4.mul(f32x4.sub(b, a), share));
}
