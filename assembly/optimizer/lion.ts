import { signed } from './sign';

/**
 * Lion (Chen et al. 2023) in the form of Keras: p −= rate · sign(β1·m + (1 − β1)·g), then m = β2·m + (1 − β2)·g.
 *
 * IEEE operations only, in both tiers: the loop waits for memory, not for arithmetic.
 * @param parameters,gradients,momentums  float32, 16 values a block
 * @param multiplier  of the rate, for these weights
 * @param beta1,beta2  in float64, for the sake of 1 − β
 * @param begin,end  a share of the blocks
 */
export function lion(
  parameters: usize,
  gradients: usize,
  momentums: usize,
  rate: f64,
  multiplier: f64,
  beta1: f64,
  beta2: f64,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const rates = f32x4.splat(<f32>(rate * multiplier));
  const keep1 = f32x4.splat(<f32>beta1);
  const take1 = f32x4.splat(<f32>(1 - beta1));
  const keep2 = f32x4.splat(<f32>beta2);
  const take2 = f32x4.splat(<f32>(1 - beta2));
  const last = (<usize>end) << 6;
  for (let i = (<usize>begin) << 6; i < last; i += 16) {
    const gradient = v128.load(gradients + i);
    const momentum = v128.load(momentums + i);
    const direction = f32x4.add(f32x4.mul(momentum, keep1), f32x4.mul(gradient, take1));
    v128.store(momentums + i, f32x4.add(f32x4.mul(momentum, keep2), f32x4.mul(gradient, take2)));
    v128.store(parameters + i, f32x4.sub(v128.load(parameters + i), signed(rates, direction)));
  }
}
