/** The accumulation of gradients over several batches, and the moving average of weights. Ranges are of blocks of 16 float32. */

/**
 * target += source
 * @param begin,end  a share of the blocks
 */
export function addBlocks(target: usize, source: usize, begin: i32, end: i32): void {
  assert(begin >= 0 && begin <= end);
  const last = (<usize>end) << 6;
  for (let i = (<usize>begin) << 6; i < last; i += 16) {
    v128.store(target + i, f32x4.add(v128.load(target + i), v128.load(source + i)));
  }
}

/**
 * gradients = (gradients + accumulated) / steps, then accumulated = 0: the last of several batches.
 * @param begin,end  a share of the blocks
 */
export function averageGradients(
  gradients: usize,
  accumulated: usize,
  steps: f32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const divisors = f32x4.splat(steps);
  const zero = f32x4.splat(0);
  const last = (<usize>end) << 6;
  for (let i = (<usize>begin) << 6; i < last; i += 16) {
    const sum = f32x4.add(v128.load(gradients + i), v128.load(accumulated + i));
    v128.store(gradients + i, f32x4.div(sum, divisors));
    v128.store(accumulated + i, zero);
  }
}

/**
 * average = momentum · average + (1 − momentum) · parameters. With a momentum of 0, that of the first step, it is a copy.
 * @param momentum  in float64, for the sake of 1 − momentum
 * @param begin,end  a share of the blocks
 */
export function averageBlocks(average: usize, parameters: usize, momentum: f64, begin: i32, end: i32): void {
  assert(begin >= 0 && begin <= end);
  const keep = f32x4.splat(<f32>momentum);
  const take = f32x4.splat(<f32>(1 - momentum));
  const last = (<usize>end) << 6;
  for (let i = (<usize>begin) << 6; i < last; i += 16) {
    const kept = f32x4.mul(v128.load(average + i), keep);
    v128.store(average + i, f32x4.add(kept, f32x4.mul(v128.load(parameters + i), take)));
  }
}
