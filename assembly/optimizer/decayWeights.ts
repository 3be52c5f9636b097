/**
 * Decoupled weight decay (Loshchilov & Hutter 2019) in the form of Keras, before the optimizer's own step:
 * p −= p · weightDecay · learningRate.
 *
 * The product of both constants is taken in float64 and rounded once, so that two roundings of p's change are left, of
 * four in Keras. p · (1 − factor) would save a subtraction and lose the factor's last digits, always the same way.
 * @param parameters  float32, 16 values a block
 * @param weightDecay  with the multiplier of the learning rate for these weights, if there is one
 * @param learningRate  of this step, without any correction of a bias
 * @param begin,end  a share of the blocks
 */
export function decayWeights(
  parameters: usize,
  weightDecay: f64,
  learningRate: f64,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const factors = f32x4.splat(<f32>(weightDecay * learningRate));
  const last = (<usize>end) << 6;
  for (let i = (<usize>begin) << 6; i < last; i += 16) {
    const values = v128.load(parameters + i);
    v128.store(parameters + i, f32x4.sub(values, f32x4.mul(values, factors)));
  }
}
