import { larger } from '../simd';

/**
 * Adam (Kingma & Ba 2015) in the form of Keras: p −= rate · m / (√v + ε), where the host has put both bias corrections
 * into rate = learningRate · √(1 − β2^t) / (1 − β1^t). With AMSGrad (Reddi et al. 2018) the largest v so far takes v's place.
 *
 * IEEE operations only, in both tiers: the loop waits for memory, not for arithmetic.
 * @param parameters,gradients,m,v  float32, 16 values a block
 * @param vHat  the same: the largest v so far; 0 to do without
 * @param multiplier  of the rate, for these weights
 * @param beta1,beta2  in float64, because 1 − β in float32 would be off by 1e-5, and ten steps multiply that by 10,000
 * @param epsilon  above 0 in float32, or weights without gradients become NaN
 * @param begin,end  a share of the blocks
 */
export function adam(
  parameters: usize,
  gradients: usize,
  m: usize,
  v: usize,
  vHat: usize,
  rate: f64,
  multiplier: f64,
  beta1: f64,
  beta2: f64,
  epsilon: f32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const rates = f32x4.splat(<f32>(rate * multiplier));
  const keep1 = f32x4.splat(<f32>beta1);
  const keep2 = f32x4.splat(<f32>beta2);
  const take1 = f32x4.splat(<f32>(1 - beta1));
  const take2 = f32x4.splat(<f32>(1 - beta2));
  const epsilons = f32x4.splat(epsilon);
  const last = (<usize>end) << 6;
  for (let i = (<usize>begin) << 6; i < last; i += 16) {
    const gradient = v128.load(gradients + i);
    const mean = f32x4.add(f32x4.mul(v128.load(m + i), keep1), f32x4.mul(gradient, take1));
    const square = f32x4.add(
      f32x4.mul(v128.load(v + i), keep2),
      f32x4.mul(f32x4.mul(gradient, gradient), take2),
    );
    v128.store(m + i, mean);
    v128.store(v + i, square);
    let scale = square;
    if (vHat) {
      scale = larger(square, v128.load(vHat + i));
      v128.store(vHat + i, scale);
    }
    const step = f32x4.div(f32x4.mul(rates, mean), f32x4.add(f32x4.sqrt(scale), epsilons));
    v128.store(parameters + i, f32x4.sub(v128.load(parameters + i), step));
  }
}
