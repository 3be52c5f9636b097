/**
 * base^exponent by repeated squaring: IEEE multiplications only, so that it has the same bits in every JavaScript engine, which
 * ECMAScript does not ask of `**`.
 * @param exponent  a whole number of at least 0
 */
export function power(base: number, exponent: number): number {
  let result = 1;
  for (let square = base, rest = exponent; rest > 0; square *= square, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
  }
  return result;
}
