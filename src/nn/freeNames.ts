/** Names that are all different: one that is taken gets a number. */
export class FreeNames {
  readonly #taken: Set<string>;
  /** The number to try next, by the name that was wanted: a file may want one name thousands of times. */
  readonly #next = new Map<string, number>();

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  has(name: string): boolean {
    return this.#taken.has(name);
  }

  /** The name, or the first of "name_1", "name_2", … that is not taken; it is then. */
  claim(wanted: string): string {
    let name = wanted;
    let number = this.#next.get(wanted) ?? 1;
    while (this.#taken.has(name)) name = `${wanted}_${number++}`;
    this.#next.set(wanted, number);
    this.#taken.add(name);
    return name;
  }
}
