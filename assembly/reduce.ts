/** Sums over shards and over the batch, always in the same order. */

/**
 * output[row][column] = Σ over the shards, the first first.
 * @param partials  [shards][…][columns rounded up to 8] float32, `shardBytes` apart
 * @param output    [rows, columns], rows `outputRow` bytes apart
 * @param begin,end a share of the rows
 */
export function sumShards(
  partials: usize,
  shards: i32,
  shardBytes: usize,
  columns: i32,
  output: usize,
  outputRow: usize,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end);
  const bytes = (<usize>columns) << 2;
  const vectorBytes = bytes & ~15;
  const rowBytes = (bytes + 31) & ~31;
  for (let row = begin; row < end; row++) {
    const from = partials + <usize>row * rowBytes;
    const to = output + <usize>row * outputRow;
    let c: usize = 0;
    for (; c < vectorBytes; c += 16) {
      let at = from + c;
      let sum = v128.load(at);
      for (let shard = 1; shard < shards; shard++) {
        at += shardBytes;
        sum = f32x4.add(sum, v128.load(at));
      }
      v128.store(to + c, sum);
    }
    for (; c < bytes; c += 4) {
      let at = from + c;
      let sum = load<f32>(at);
      for (let shard = 1; shard < shards; shard++) {
        at += shardBytes;
        sum += load<f32>(at);
      }
      store<f32>(to + c, sum);
    }
  }
}

/**
 * target = Σ values, the first row first.
 * @param values  [rows] f64
 * @param target  where the sum goes, f64
 * @param begin,end  [0, 1): there is one result
 */
export function sumRows(values: usize, rows: i32, target: usize, begin: i32, end: i32): void {
  if (begin == end) return;
  let sum: f64 = 0;
  for (let row = 0; row < rows; row++) sum += load<f64>(values + ((<usize>row) << 3));
  store<f64>(target, sum);
}
