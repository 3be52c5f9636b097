/** Texts by their code units: the same order in every runtime and language. For `sort`. */
export function codeUnitOrder(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
