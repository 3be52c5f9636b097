import { expNonPositives, logPositive } from '../math';
import { drawWords } from './draws';

/** So many pairs of words each image has; each is refused with a probability of ½ at the most. */
const PAIRS: i32 = 32;

/**
 * Each image, or what it is to be told as, mixed with the next one, and the last with the first (Zhang et al. 2018):
 * weight · image + (1 − weight) · next. The weight is drawn from the distribution Beta(alpha, alpha) by Jöhnk's method: in
 * proportion u^(1/alpha) to v^(1/alpha), of the first pair of uniform u and v for which their sum is at most 1.
 * @param input,output  [count, height, width, channels]; strides in bytes
 * @param alpha   above 0, at most 1
 * @param begin,end  a share of the images
 */
export function mixNeighbours(
  input: usize,
  inputImage: usize,
  inputRow: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  width: i32,
  channels: i32,
  count: i32,
  alpha: f64,
  seedLow: i32,
  seedHigh: i32,
  stream: i32,
  step: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  for (let image = begin; image < end; image++) {
    let difference: f64 = 0;
    for (let pair = 0; pair < PAIRS; pair++) {
      const words = drawWords(seedLow, seedHigh, stream, step, image * PAIRS + pair);
      const first = logOfUniform(i32x4.extract_lane(words, 0)) / alpha;
      const second = logOfUniform(i32x4.extract_lane(words, 1)) / alpha;
      difference = second - first;
      if (exp(first) + exp(second) <= 1) break;
    }
    // u / (u + v) = 1 / (1 + v / u), of which only the quotient that is at most 1 is computed.
    const smaller = exp(-abs(difference));
    const weight = <f32>((difference < 0 ? 1 : smaller) / (1 + smaller));
    const other = image + 1 < count ? image + 1 : 0;
    for (let y = 0; y < height; y++) {
      const from = input + <usize>image * inputImage + <usize>y * inputRow;
      const next = input + <usize>other * inputImage + <usize>y * inputRow;
      const to = output + <usize>image * outputImage + <usize>y * outputRow;
      for (let i: usize = 0; i < (<usize>(width * channels)) << 2; i += 4) {
        const value = load<f32>(next + i);
        store<f32>(to + i, value + (load<f32>(from + i) - value) * weight);
      }
    }
  }
}

/** ln of a uniform number in (0, 1). */
function logOfUniform(word: i32): f64 {
  return logPositive((<f64>(<u32>word) + 0.5) / 4294967296.0);
}

function exp(x: f64): f64 {
  return f64x2.extract_lane(expNonPositives(f64x2.splat(x)), 0);
}
