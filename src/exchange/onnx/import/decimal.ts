/** The decimal with the fewest digits that is the same number in 32 bits. */
export function shortest(value: number): number {
  if (Number.isInteger(value) || !Number.isFinite(value)) return value;
  const single = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const decimal = Number(value.toPrecision(digits));
    if (Math.fround(decimal) === single) return decimal;
  }
  return value;
}

/** By how much of itself a number may be off that was rounded to 32 bits, a few times. */
const ROUNDING_TO_32 = 1e-6;

/** The same for 16 bits: a little more than 2⁻¹¹. */
export const ROUNDING_TO_16 = 5e-4;

/** Whether two numbers are the same but for rounding. */
export function near(a: number, b: number, rounding = ROUNDING_TO_32): boolean {
  return Math.abs(a - b) <= rounding * Math.abs(b);
}
