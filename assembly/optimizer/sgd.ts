/**
 * Gradient descent with momentum in the form of Keras: v = momentum · v − rate · g, then p += v; with Nesterov's,
 * p += momentum · v − rate · g. Without momentum p −= rate · g, and v is not touched.
 *
 * IEEE operations only, in both tiers: the loop waits for memory, not for arithmetic.
 * @param parameters,gradients,velocities  float32, 16 values a block
 * @param velocities  the same; not used without momentum
 * @param multiplier  of the rate, for these weights
 * @param begin,end  a share of the blocks
 */
export function sgd(
  parameters: usize,
  gradients: usize,
  velocities: usize,
  rate: f64,
  multiplier: f64,
  momentum: f32,
  nesterov: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const rates = f32x4.splat(<f32>(rate * multiplier));
  const keep = f32x4.splat(momentum);
  const last = (<usize>end) << 6;
  if (momentum == 0) {
    for (let i = (<usize>begin) << 6; i < last; i += 16) {
      const step = f32x4.mul(rates, v128.load(gradients + i));
      v128.store(parameters + i, f32x4.sub(v128.load(parameters + i), step));
    }
    return;
  }
  for (let i = (<usize>begin) << 6; i < last; i += 16) {
    const step = f32x4.mul(rates, v128.load(gradients + i));
    const velocity = f32x4.sub(f32x4.mul(keep, v128.load(velocities + i)), step);
    v128.store(velocities + i, velocity);
    const change = nesterov ? f32x4.sub(f32x4.mul(keep, velocity), step) : velocity;
    v128.store(parameters + i, f32x4.add(v128.load(parameters + i), change));
  }
}
