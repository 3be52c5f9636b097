/** What layers are called here that Keras 2 gave names with slashes and the like. */

import { FormatError } from '../../errors.ts';
import { MAX_LAYERS } from '../../limits.ts';

/** Letters that layers' names cannot have. */
const FOREIGN = /^\W|[^\w.-]/g;

/** Names of a file, and those that stand for them: the same, but for letters that names cannot have here. */
export class LayerNames {
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** The name that stands for one of the file; always the same. @throws FormatError if there are too many */
  of(original: string): string {
    const known = this.#names.get(original);
    if (known !== undefined) return known;
    if (this.#names.size > MAX_LAYERS) {
      throw new FormatError(`The Keras model has more than ${MAX_LAYERS} layers.`);
    }
    const plain = original.replace(FOREIGN, '_') || '_';
    let name = plain;
    for (let i = 1; this.#taken.has(name); i++) name = `${plain}_${i}`;
    this.#names.set(original, name);
    this.#taken.add(name);
    return name;
  }

  /** The name that stands for one of the file's; undefined if it has no such layer. */
  get(original: string): string | undefined {
    return this.#names.get(original);
  }

  /** What refers to layers, `["conv2d", 0, 0, {}]` within lists or not, with the names from here. */
  inReferences(value: unknown): unknown {
    // No deeper than JSON is nested.
    if (!Array.isArray(value)) return value;
    const [first, ...others] = value as unknown[];
    return typeof first === 'string' && typeof others[0] === 'number'
      ? [this.of(first), ...others]
      : value.map((each: unknown) => this.inReferences(each));
  }
}
