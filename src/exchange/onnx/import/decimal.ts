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

/** Whether two numbers are the same but for rounding to 32 bits. */
export function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.abs(b);
}
