/**
 * a + b, a − b and a · b, where either may have height, width or channels of 1 and is then used again and again.
 *
 * The result is [batch, height, width, channels float32]. An operand is given by its address and the bytes from one image,
 * row, pixel and channel to the next: 0 along an axis on which it has but one. Steps of channels are 4 or 0.
 */
import { Add, Each, Multiply, Same, Subtract } from './operands';

/**
 * output = a + b (operation 0), a − b (1) or a · b (2); `output` may be an operand that has its shape.
 * @param begin,end  a share of the batch · height rows
 */
export function broadcastViews(
  operation: i32,
  a: usize,
  aImage: usize,
  aRow: usize,
  aPixel: usize,
  aChannel: usize,
  b: usize,
  bImage: usize,
  bRow: usize,
  bPixel: usize,
  bChannel: usize,
  output: usize,
  outputImage: usize,
  outputRow: usize,
  height: i32,
  width: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  assert(begin >= 0 && begin <= end && operation >= 0 && operation <= 2);
  let bytes = (<usize>channels) << 2;
  let pixels = width;
  let aStep = aChannel;
  let bStep = bChannel;
  // A row is like one long pixel if its channels go on where those of the pixel before end, or if there is only one.
  const goesOn = aChannel != 0 && bChannel != 0 && aPixel == bytes && bPixel == bytes;
  if (goesOn || channels == 1) {
    if (channels == 1) {
      aStep = aPixel;
      bStep = bPixel;
    }
    bytes *= <usize>width;
    pixels = 1;
  }
  for (let item = begin; item < end; item++) {
    const image = <usize>(item / height);
    const y = <usize>item - image * <usize>height;
    const left = a + image * aImage + y * aRow;
    const right = b + image * bImage + y * bRow;
    const to = output + image * outputImage + y * outputRow;
    if (operation == 0) row<Add>(left, aPixel, aStep, right, bPixel, bStep, to, bytes, pixels);
    else if (operation == 1) row<Subtract>(left, aPixel, aStep, right, bPixel, bStep, to, bytes, pixels);
    else row<Multiply>(left, aPixel, aStep, right, bPixel, bStep, to, bytes, pixels);
  }
}

/** A row of pixels of `bytes` each. */
function row<Operation>(
  a: usize,
  aPixel: usize,
  aStep: usize,
  b: usize,
  bPixel: usize,
  bStep: usize,
  to: usize,
  bytes: usize,
  pixels: i32,
): void {
  if (aStep != 0 && bStep != 0) combine<Operation, Each, Each>(a, aPixel, b, bPixel, to, bytes, pixels);
  else if (aStep != 0) combine<Operation, Each, Same>(a, aPixel, b, bPixel, to, bytes, pixels);
  else if (bStep != 0) combine<Operation, Same, Each>(a, aPixel, b, bPixel, to, bytes, pixels);
  else combine<Operation, Same, Same>(a, aPixel, b, bPixel, to, bytes, pixels);
}

function combine<Operation, A, B>(
  a: usize,
  aPixel: usize,
  b: usize,
  bPixel: usize,
  to: usize,
  bytes: usize,
  pixels: i32,
): void {
  const operation = changetype<Operation>(0);
  const wideBytes = bytes & ~31;
  const vectorBytes = bytes & ~15;
  for (let x = 0; x < pixels; x++) {
    let c: usize = 0;
    for (; c < wideBytes; c += 32) {
      const first = operation.vector(changetype<A>(0).load(a, c, 0), changetype<B>(0).load(b, c, 0));
      const second = operation.vector(
        changetype<A>(0).load(a, c + 16, 0),
        changetype<B>(0).load(b, c + 16, 0),
      );
      v128.store(to + c, first);
      v128.store(to + c, second, 16);
    }
    for (; c < vectorBytes; c += 16) {
      v128.store(to + c, operation.vector(changetype<A>(0).load(a, c, 0), changetype<B>(0).load(b, c, 0)));
    }
    for (; c < bytes; c += 4) {
      store<f32>(to + c, operation.scalar(changetype<A>(0).one(a, c, 0), changetype<B>(0).one(b, c, 0)));
    }
    a += aPixel;
    b += bPixel;
    to += bytes;
  }
}
