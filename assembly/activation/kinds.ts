/**
 * The activations, each with its gradient. The classes have no instances: they only name what a loop over a row is made
 * for, so that each kind has a loop of its own.
 */
import {
  clamp,
  decay,
  exp,
  expm1NonPositive,
  log1pUpToOne,
  normal,
  normalSlope,
  sigmoid,
  sigmoidFrom,
  sigmoidSlope,
  slopeFrom,
  tanh,
  twice,
} from './vectorMath';

const SELU_SCALE: f32 = 1.0507009873554805;
const SELU_SCALE_ALPHA: f32 = 1.7580993408473766;
/** The approximate GELU is x · sigmoid(x · (p + q · x²)). */
const GELU_P: f32 = 1.5957691216057308;
const GELU_Q: f32 = 0.07135481282553;

// @ts-ignore: decorator
@inline
function hardSigmoid(x: v128): v128 {
  return f32x4.div(clamp(f32x4.add(x, f32x4.splat(3)), 0, 6), f32x4.splat(6));
}

/** x between c and a, a from there on, b · (x − c) below; the derivative is b at c and 0 at a. */
@unmanaged
export class Relu {
  @inline
  value(x: v128, a: f32, b: f32, c: f32): v128 {
    const zero = f32x4.splat(0);
    // With b = 0 everything below is 0, and −∞ too.
    const slope = f32x4.splat(b);
    const below = v128.and(
      f32x4.mul(f32x4.sub(x, f32x4.splat(c)), slope),
      v128.or(f32x4.ne(slope, zero), f32x4.ne(x, x)),
    );
    const largest = f32x4.splat(a);
    const above = v128.bitselect(largest, x, f32x4.ge(x, largest));
    return v128.bitselect(above, below, v128.or(f32x4.ge(x, f32x4.splat(c)), f32x4.ge(x, largest)));
  }

  @inline
  product(d: v128, x: v128, a: f32, b: f32, c: f32): v128 {
    const zero = f32x4.splat(0);
    const slope = f32x4.splat(b);
    const below = v128.and(f32x4.mul(d, slope), f32x4.ne(slope, zero));
    const chosen = v128.bitselect(d, below, f32x4.gt(x, f32x4.splat(c)));
    return v128.andnot(chosen, f32x4.ge(x, f32x4.splat(a)));
  }
}

/** x above 0, a · (e^x − 1) below. */
@unmanaged
export class Elu {
  @inline
  value(x: v128, a: f32, b: f32, c: f32): v128 {
    const zero = f32x4.splat(0);
    return v128.bitselect(x, f32x4.mul(expm1NonPositive(x), f32x4.splat(a)), f32x4.gt(x, zero));
  }

  @inline
  product(d: v128, x: v128, a: f32, b: f32, c: f32): v128 {
    const zero = f32x4.splat(0);
    const one = f32x4.splat(1);
    const below = f32x4.mul(exp(x), f32x4.splat(a));
    return f32x4.mul(d, v128.bitselect(one, below, f32x4.gt(x, zero)));
  }
}

/** Scaled ELU (Klambauer et al. 2017). */
@unmanaged
export class Selu {
  @inline
  value(x: v128, a: f32, b: f32, c: f32): v128 {
    const zero = f32x4.splat(0);
    return v128.bitselect(
      f32x4.mul(x, f32x4.splat(SELU_SCALE)),
      f32x4.mul(expm1NonPositive(x), f32x4.splat(SELU_SCALE_ALPHA)),
      f32x4.gt(x, zero),
    );
  }

  @inline
  product(d: v128, x: v128, a: f32, b: f32, c: f32): v128 {
    const zero = f32x4.splat(0);
    const below = f32x4.mul(exp(x), f32x4.splat(SELU_SCALE_ALPHA));
    return f32x4.mul(d, v128.bitselect(f32x4.splat(SELU_SCALE), below, f32x4.ge(x, zero)));
  }
}

/** x · Φ(x), exact: with erf. */
@unmanaged
export class Gelu {
  @inline
  value(x: v128, a: f32, b: f32, c: f32): v128 {
    return f32x4.mul(f32x4.pmax(x, f32x4.splat(-100)), normal(x));
  }

  @inline
  product(d: v128, x: v128, a: f32, b: f32, c: f32): v128 {
    return f32x4.mul(d, normalSlope(x));
  }
}

/** x · Φ(x) by way of tanh: 1 + tanh u is 2 · sigmoid(2u), which does not cancel. */
@unmanaged
export class GeluApproximate {
  @inline
  value(x: v128, a: f32, b: f32, c: f32): v128 {
    const within = f32x4.pmax(x, f32x4.splat(-100));
    const factor = twice(f32x4.mul(within, within), f32x4.splat(GELU_Q), f32x4.splat(GELU_P));
    return f32x4.mul(within, sigmoid(f32x4.mul(within, factor)));
  }

  @inline
  product(d: v128, x: v128, a: f32, b: f32, c: f32): v128 {
    const within = clamp(x, -100, 100);
    const square = f32x4.mul(within, within);
    const u = f32x4.mul(within, twice(square, f32x4.splat(GELU_Q), f32x4.splat(GELU_P)));
    const slope = f32x4.mul(within, twice(square, f32x4.splat(3 * GELU_Q), f32x4.splat(GELU_P)));
    const e = decay(u);
    return f32x4.mul(d, twice(slopeFrom(e), slope, sigmoidFrom(e, u)));
  }
}

/** x · sigmoid(x). */
@unmanaged
export class Silu {
  @inline
  value(x: v128, a: f32, b: f32, c: f32): v128 {
    const within = f32x4.pmax(x, f32x4.splat(-200));
    return f32x4.mul(within, sigmoid(within));
  }

  @inline
  product(d: v128, x: v128, a: f32, b: f32, c: f32): v128 {
    const within = clamp(x, -200, 200);
    const e = decay(within);
    return f32x4.mul(d, twice(slopeFrom(e), within, sigmoidFrom(e, within)));
  }
}

/** x · hardSigmoid(x). */
@unmanaged
export class HardSilu {
  @inline
  value(x: v128, a: f32, b: f32, c: f32): v128 {
    const within = f32x4.pmax(x, f32x4.splat(-3));
    return f32x4.mul(within, hardSigmoid(within));
  }

  @inline
  product(d: v128, x: v128, a: f32, b: f32, c: f32): v128 {
    const one = f32x4.splat(1);
    const within = f32x4.div(twice(x, f32x4.splat(2), f32x4.splat(3)), f32x4.splat(6));
    const upTo = v128.bitselect(one, within, f32x4.ge(x, f32x4.splat(3)));
    return f32x4.mul(d, v128.andnot(upTo, f32x4.le(x, f32x4.splat(-3))));
  }
}

/** 1 / (1 + e^−x). */
@unmanaged
export class Sigmoid {
  @inline
  value(x: v128, a: f32, b: f32, c: f32): v128 {
    return sigmoid(x);
  }

  @inline
  product(d: v128, x: v128, a: f32, b: f32, c: f32): v128 {
    return f32x4.mul(d, sigmoidSlope(x));
  }
}

/** (x + 3) / 6 within 0 and 1. */
@unmanaged
export class HardSigmoid {
  @inline
  value(x: v128, a: f32, b: f32, c: f32): v128 {
    return hardSigmoid(x);
  }

  @inline
  product(d: v128, x: v128, a: f32, b: f32, c: f32): v128 {
    const inside = v128.and(f32x4.gt(x, f32x4.splat(-3)), f32x4.lt(x, f32x4.splat(3)));
    return v128.and(f32x4.div(d, f32x4.splat(6)), inside);
  }
}

/** tanh x. */
@unmanaged
export class Tanh {
  @inline
  value(x: v128, a: f32, b: f32, c: f32): v128 {
    return tanh(x);
  }

  @inline
  product(d: v128, x: v128, a: f32, b: f32, c: f32): v128 {
    // 1 − tanh² x = 4 · sigmoid′(2x)
    return f32x4.mul(d, f32x4.mul(sigmoidSlope(f32x4.add(x, x)), f32x4.splat(4)));
  }
}

/** ln(1 + e^x). */
@unmanaged
export class Softplus {
  @inline
  value(x: v128, a: f32, b: f32, c: f32): v128 {
    const zero = f32x4.splat(0);
    return f32x4.add(f32x4.pmax(x, zero), log1pUpToOne(decay(x)));
  }

  @inline
  product(d: v128, x: v128, a: f32, b: f32, c: f32): v128 {
    return f32x4.mul(d, sigmoid(x));
  }
}

/** a · x + b. */
@unmanaged
export class Linear {
  @inline
  value(x: v128, a: f32, b: f32, c: f32): v128 {
    return twice(x, f32x4.splat(a), f32x4.splat(b));
  }

  @inline
  product(d: v128, x: v128, a: f32, b: f32, c: f32): v128 {
    return f32x4.mul(d, f32x4.splat(a));
  }
}
