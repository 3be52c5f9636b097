/** What normalizes each channel, from the statistics of a batch or from moving ones. */

/**
 * Makes one mean and (biased) variance of the shards', moves the moving ones towards them and derives what the
 * normalization needs: output = input · scale + shift.
 * @param partials     what `channelStatistics` wrote
 * @param gamma,beta   [channels]; 0 for none
 * @param movingMean,movingVariance  [channels], becomes itself · momentum + the batch's · (1 − momentum)
 * @param mean,inverse [channels], for the backward pass: inverse = 1 / √(variance + epsilon)
 * @param scale,shift  [channels]: gamma · inverse and beta − mean · scale
 * @param begin,end    [0, 1): there is one result
 */
export function batchNormalizationTrain(
  partials: usize,
  shards: i32,
  channels: i32,
  gamma: usize,
  beta: usize,
  epsilon: f64,
  momentum: f64,
  movingMean: usize,
  movingVariance: usize,
  mean: usize,
  inverse: usize,
  scale: usize,
  shift: usize,
  begin: i32,
  end: i32,
): void {
  if (begin == end) return;
  const pixelBytes = (<usize>channels) << 2;
  const sumBytes = pixelBytes << 1;
  const shardBytes = (sumBytes << 1) + 8;
  let count: f64 = 0;
  for (let shard = 0; shard < shards; shard++) {
    count += load<f64>(partials + <usize>shard * shardBytes + (sumBytes << 1));
  }
  for (let c: usize = 0; c < pixelBytes; c += 4) {
    const from = partials + (c << 1);
    let average: f64 = 0;
    let at = from;
    for (let shard = 0; shard < shards; shard++) {
      average += (load<f64>(at - (c << 1) + (sumBytes << 1)) / count) * load<f64>(at);
      at += shardBytes;
    }
    let variance: f64 = 0;
    at = from;
    for (let shard = 0; shard < shards; shard++) {
      const distance = load<f64>(at) - average;
      variance += load<f64>(at + sumBytes) + load<f64>(at - (c << 1) + (sumBytes << 1)) * distance * distance;
      at += shardBytes;
    }
    variance /= count;
    const rest = 1 - momentum;
    store<f32>(movingMean + c, <f32>(<f64>load<f32>(movingMean + c) * momentum + average * rest));
    store<f32>(movingVariance + c, <f32>(<f64>load<f32>(movingVariance + c) * momentum + variance * rest));
    storeCoefficients(c, gamma, beta, average, variance + epsilon, scale, shift, mean, inverse);
  }
}

/**
 * The same from the moving mean and variance, as constants.
 * @param gamma,beta   [channels]; 0 for none
 * @param scale,shift,mean,inverse  [channels] as in {@link batchNormalizationTrain}
 * @param begin,end    [0, 1): there is one result
 */
export function batchNormalizationInference(
  gamma: usize,
  beta: usize,
  movingMean: usize,
  movingVariance: usize,
  epsilon: f64,
  scale: usize,
  shift: usize,
  mean: usize,
  inverse: usize,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  if (begin == end) return;
  const pixelBytes = (<usize>channels) << 2;
  for (let c: usize = 0; c < pixelBytes; c += 4) {
    const variance = <f64>load<f32>(movingVariance + c) + epsilon;
    storeCoefficients(c, gamma, beta, <f64>load<f32>(movingMean + c), variance, scale, shift, mean, inverse);
  }
}

/** Stores what normalizes one channel; `variance` includes epsilon. */
function storeCoefficients(
  c: usize,
  gamma: usize,
  beta: usize,
  average: f64,
  variance: f64,
  scale: usize,
  shift: usize,
  mean: usize,
  inverse: usize,
): void {
  const reciprocal = 1 / sqrt<f64>(variance);
  const factor = gamma ? <f64>load<f32>(gamma + c) * reciprocal : reciprocal;
  const offset: f64 = beta ? <f64>load<f32>(beta + c) : 0;
  store<f32>(mean + c, <f32>average);
  store<f32>(inverse + c, <f32>reciprocal);
  store<f32>(scale + c, <f32>factor);
  store<f32>(shift + c, <f32>(offset - average * factor));
}
