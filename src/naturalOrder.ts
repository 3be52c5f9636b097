/**
 * Compares names as people sort them: picture 2 before picture 10. Digits in a row count as a number, all else by its code units, so
 * that the order is the same in every locale and runtime.
 */
export function naturalOrder(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order =
      isNumber(left[i]!) && isNumber(right[i]!) ? byValue(left[i]!, right[i]!) : byUnits(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  // The same but for how much is behind, or for leading zeros.
  return left.length - right.length || byUnits(a, b);
}

function partsOf(text: string): readonly string[] {
  return text.match(/\d+|\D+/g) ?? [];
}

function isNumber(part: string): boolean {
  return /^\d/.test(part);
}

/** Of any length. */
function byValue(a: string, b: string): number {
  const [left, right] = [a, b].map((digits) => digits.replace(/^0+/, '')) as [string, string];
  return left.length - right.length || byUnits(left, right);
}

function byUnits(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
