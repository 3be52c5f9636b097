/**
 * What a loop over channels is made for: how an operand is read, and what is done with two of them. The classes have no
 * instances.
 */

/** An operand with channels of its own. */
@unmanaged
export class Each {
  @inline
  load(at: usize, c: usize, factor: f32): v128 {
    return v128.load(at + c);
  }

  @inline
  one(at: usize, c: usize, factor: f32): f32 {
    return load<f32>(at + c);
  }
}

/** An operand with one value for all channels. */
@unmanaged
export class Same {
  @inline
  load(at: usize, c: usize, factor: f32): v128 {
    return v128.load32_splat(at);
  }

  @inline
  one(at: usize, c: usize, factor: f32): f32 {
    return load<f32>(at);
  }
}

/** A number instead of an operand in memory. */
@unmanaged
export class Constant {
  @inline
  load(at: usize, c: usize, factor: f32): v128 {
    return f32x4.splat(factor);
  }

  @inline
  one(at: usize, c: usize, factor: f32): f32 {
    return factor;
  }
}

@unmanaged
export class Add {
  @inline
  vector(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }

  @inline
  scalar(a: f32, b: f32): f32 {
    return a + b;
  }
}

@unmanaged
export class Subtract {
  @inline
  vector(a: v128, b: v128): v128 {
    return f32x4.sub(a, b);
  }

  @inline
  scalar(a: f32, b: f32): f32 {
    return a - b;
  }
}

@unmanaged
export class Multiply {
  @inline
  vector(a: v128, b: v128): v128 {
    return f32x4.mul(a, b);
  }

  @inline
  scalar(a: f32, b: f32): f32 {
    return a * b;
  }
}
