/**
 * Numbers in float64 that know how far a float32 computation of the same may be off, by running error analysis (Higham,
 * Accuracy and Stability of Numerical Algorithms, §3.3): each operation passes on what its operands are off by, and adds one
 * rounding. A reference written with them gives the truth and the tolerance at once, over as many steps as one likes.
 */

/** Half the distance from 1 to the next float32. */
const UNIT_ROUNDOFF = 2 ** -24;

/** The smallest float32 above zero. */
const SMALLEST = 2 ** -149;

export class Rounded {
  readonly value: number;
  /** How far the float32 result may be from the value. */
  readonly radius: number;

  private constructor(value: number, radius: number) {
    this.value = value;
    this.radius = radius;
  }

  /** What float32 has exactly. */
  static exact(value: number): Rounded {
    return new Rounded(value, 0);
  }

  /** A constant that is rounded to float32 on the way in. */
  static constant(value: number): Rounded {
    return Rounded.#result(value, 0);
  }

  static #result(value: number, radius: number): Rounded {
    // Zero with nothing wrong about it stays so.
    if (value === 0 && radius === 0) return new Rounded(0, 0);
    return new Rounded(value, radius + UNIT_ROUNDOFF * (Math.abs(value) + radius) + SMALLEST);
  }

  plus(other: Rounded): Rounded {
    return Rounded.#result(this.value + other.value, this.radius + other.radius);
  }

  minus(other: Rounded): Rounded {
    return Rounded.#result(this.value - other.value, this.radius + other.radius);
  }

  times(other: Rounded): Rounded {
    const radius =
      Math.abs(this.value) * other.radius + Math.abs(other.value) * this.radius + this.radius * other.radius;
    return Rounded.#result(this.value * other.value, radius);
  }

  over(other: Rounded): Rounded {
    const least = Math.abs(other.value) - other.radius;
    const value = this.value / other.value;
    const radius = this.radius + Math.abs(value) * other.radius;
    return Rounded.#result(value, least > 0 ? radius / least : Infinity);
  }

  squared(): Rounded {
    return this.times(this);
  }

  root(): Rounded {
    const value = Math.sqrt(this.value);
    return Rounded.#result(value, value - Math.sqrt(Math.max(0, this.value - this.radius)));
  }

  /** The larger one, which is not rounded. */
  or(other: Rounded): Rounded {
    return new Rounded(Math.max(this.value, other.value), Math.max(this.radius, other.radius));
  }

  /** The smaller one, which is not rounded. */
  orLess(other: Rounded): Rounded {
    return new Rounded(Math.min(this.value, other.value), Math.max(this.radius, other.radius));
  }

  /** −1, 0 or 1; where the sign is not certain, any of them. */
  sign(): Rounded {
    const certain = this.radius === 0 || Math.abs(this.value) > this.radius;
    return new Rounded(Math.sign(this.value), certain ? 0 : 2);
  }
}
