import { larger } from '../simd';

/**
 * RMSprop (Hinton 2012) in the form of Keras: v = ρ·v + (1 − ρ)·g², then p −= rate · g / √(v + ε); centered, the
 * denominator is √(v − a² + ε) with a = ρ·a + (1 − ρ)·g; with momentum, p −= b with b = momentum · b + rate · g / √….
 *
 * v − a² is a variance. It cannot be negative but by rounding, and then counts as 0: a gradient that stays the same would
 * otherwise give the root of a negative number.
 *
 * IEEE operations only, in both tiers: the loop waits for memory, not for arithmetic.
 * @param parameters,gradients,velocities  float32, 16 values a block
 * @param momentums  b, the same; 0 to do without momentum
 * @param averageGradients  a, the same; 0 if not centered
 * @param multiplier  of the rate, for these weights
 * @param rho  in float64, for the sake of 1 − ρ
 * @param epsilon  above 0 in float32, or weights without gradients become NaN
 * @param begin,end  a share of the blocks
 */
export function rmsprop(
  parameters: usize,
  gradients: usize,
  velocities: usize,
  momentums: usize,
  averageGradients: usize,
  rate: f64,
  multiplier: f64,
  rho: f64,
  momentum: f32,
  epsilon: f32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const rates = f32x4.splat(<f32>(rate * multiplier));
  const keep = f32x4.splat(<f32>rho);
  const take = f32x4.splat(<f32>(1 - rho));
  const keepStep = f32x4.splat(momentum);
  const epsilons = f32x4.splat(epsilon);
  const zero = f32x4.splat(0);
  const last = (<usize>end) << 6;
  for (let i = (<usize>begin) << 6; i < last; i += 16) {
    const gradient = v128.load(gradients + i);
    const velocity = f32x4.add(
      f32x4.mul(v128.load(velocities + i), keep),
      f32x4.mul(f32x4.mul(gradient, gradient), take),
    );
    v128.store(velocities + i, velocity);
    let variance = velocity;
    if (averageGradients) {
      const average = f32x4.add(f32x4.mul(v128.load(averageGradients + i), keep), f32x4.mul(gradient, take));
      v128.store(averageGradients + i, average);
      variance = larger(f32x4.sub(velocity, f32x4.mul(average, average)), zero);
    }
    let step = f32x4.div(f32x4.mul(rates, gradient), f32x4.sqrt(f32x4.add(variance, epsilons)));
    if (momentums) {
      step = f32x4.add(f32x4.mul(v128.load(momentums + i), keepStep), step);
      v128.store(momentums + i, step);
    }
    v128.store(parameters + i, f32x4.sub(v128.load(parameters + i), step));
  }
}
