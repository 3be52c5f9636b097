/**
 * What Muon (Jordan 2024) does beside its products: momentum, the terms of its polynomial, and the step itself. A matrix has
 * as many rows as columns, or more; what has fewer is transposed first.
 */

/**
 * m = momentum · m + g; direction = g + momentum · m with Nesterov's, and m without.
 * @param gradients,momentums,directions  float32, 16 values a block
 * @param begin,end  a share of the blocks
 */
export function muonDirection(
  gradients: usize,
  momentums: usize,
  directions: usize,
  momentum: f32,
  nesterov: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const keep = f32x4.splat(momentum);
  const last = (<usize>end) << 6;
  for (let i = (<usize>begin) << 6; i < last; i += 16) {
    const gradient = v128.load(gradients + i);
    const sum = f32x4.add(f32x4.mul(keep, v128.load(momentums + i)), gradient);
    v128.store(momentums + i, sum);
    v128.store(directions + i, nesterov ? f32x4.add(gradient, f32x4.mul(keep, sum)) : sum);
  }
}

/**
 * target[c][r] = source[r][c]
 * @param source     [rows, columns]
 * @param begin,end  a share of the columns: rows of the target
 */
export function transposeMatrix(
  source: usize,
  rows: i32,
  columns: i32,
  target: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && end <= columns);
  const sourceRow = (<usize>columns) << 2;
  for (let column = begin; column < end; column++) {
    let from = source + ((<usize>column) << 2);
    let to = target + ((<usize>(column * rows)) << 2);
    for (let row = 0; row < rows; row++) {
      store<f32>(to, load<f32>(from));
      from += sourceRow;
      to += 4;
    }
  }
}

/** 1 / (‖X‖ + ε) by XᵀX, whose diagonal sums up to ‖X‖². */
function reciprocalNorm(gram: usize, columns: i32, rowBytes: usize, epsilon: f64): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < columns; i++) sum += load<f32>(gram + <usize>i * (rowBytes + 4));
  return 1 / (sqrt<f64>(sum) + epsilon);
}

/**
 * scaled = XᵀX / (‖X‖ + ε)²: that of X with a norm of 1.
 * @param gram,scaled  [columns, columns], rows `rowBytes` apart
 * @param begin,end    a share of the rows
 */
export function muonScale(
  gram: usize,
  columns: i32,
  rowBytes: usize,
  epsilon: f64,
  scaled: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && end <= columns && (rowBytes & 15) == 0);
  const reciprocal = reciprocalNorm(gram, columns, rowBytes, epsilon);
  const factor = f32x4.splat(<f32>(reciprocal * reciprocal));
  const last = <usize>end * rowBytes;
  for (let i = <usize>begin * rowBytes; i < last; i += 16) {
    v128.store(scaled + i, f32x4.mul(factor, v128.load(gram + i)));
  }
}

/**
 * polynomial = a · I + b · A + c · A², of which X is a product with: an odd polynomial of the singular values of X.
 * @param matrix,square,polynomial  A, A² and the result: [columns, columns], rows `rowBytes` apart; polynomial may be square
 * @param gram  where X has not been divided by its norm yet, XᵀX: then all is divided by it; otherwise 0
 * @param begin,end  a share of the rows
 */
export function muonPolynomial(
  matrix: usize,
  square: usize,
  gram: usize,
  columns: i32,
  rowBytes: usize,
  epsilon: f64,
  a: f64,
  b: f64,
  c: f64,
  polynomial: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && end <= columns && (rowBytes & 15) == 0);
  const factor: f64 = gram == 0 ? 1 : reciprocalNorm(gram, columns, rowBytes, epsilon);
  const linear = f32x4.splat(<f32>(b * factor));
  const quadratic = f32x4.splat(<f32>(c * factor));
  const constant = <f32>(a * factor);
  for (let row = begin; row < end; row++) {
    const first = <usize>row * rowBytes;
    for (let i = first; i < first + rowBytes; i += 16) {
      const sum = f32x4.add(
        f32x4.mul(linear, v128.load(matrix + i)),
        f32x4.mul(quadratic, v128.load(square + i)),
      );
      v128.store(polynomial + i, sum);
    }
    const diagonal = polynomial + first + ((<usize>row) << 2);
    store<f32>(diagonal, load<f32>(diagonal) + constant);
  }
}

/**
 * p −= rate · direction, of p brought to a norm first if it is to have one.
 * @param parameters,directions  float32, 16 values a block; of the last block only those up to `values` change
 * @param partials  [shards] f64: sums of squares of the parameters
 * @param norm      what the parameters' norm becomes; 0 if it stays
 * @param multiplier  of the rate, for these weights
 * @param begin,end  a share of the blocks
 */
export function muonStep(
  parameters: usize,
  directions: usize,
  values: i32,
  partials: usize,
  shards: i32,
  norm: f64,
  rate: f64,
  multiplier: f64,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  let keep: f32 = 1;
  if (norm > 0) {
    let sum: f64 = 0;
    for (let i = 0; i < shards; i++) sum += load<f64>(partials + ((<usize>i) << 3));
    // Weights that are all zero stay so.
    if (sum > 0) keep = <f32>(norm / sqrt<f64>(sum));
  }
  const step = <f32>(rate * multiplier);
  const keeps = f32x4.splat(keep);
  const steps = f32x4.splat(step);
  const bytes = (<usize>values) << 2;
  const last = min((<usize>end) << 6, bytes);
  let i = (<usize>begin) << 6;
  for (; i + 16 <= last; i += 16) {
    const kept = f32x4.mul(keeps, v128.load(parameters + i));
    v128.store(parameters + i, f32x4.sub(kept, f32x4.mul(steps, v128.load(directions + i))));
  }
  for (; i < last; i += 4) {
    store<f32>(parameters + i, keep * load<f32>(parameters + i) - step * load<f32>(directions + i));
  }
}
