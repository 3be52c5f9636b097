/** A layer of a Keras model, and what messages call it. */
import type { Options } from './named.ts';

/** A layer in its place. */
export interface KerasNode {
  readonly className: string;
  readonly config: Options;
  /** Its own in the whole list. */
  readonly name: string;
  /** Whose outputs it takes, all before it in the list; or IMAGES of symbolic.ts. */
  readonly inputs: readonly string[];
  /** Whether neither it nor a model that it is in is frozen. */
  readonly trainable: boolean;
  /** The names in Keras of the models that it is in, the outermost left out, and of itself. */
  readonly names: readonly string[];
  /** By what Keras numbers each of those within its model: its class in snake case, and how many such there were before. */
  readonly numbered: readonly string[];
}

/** As messages name a layer. */
export function whereOf({ name, className }: Pick<KerasNode, 'name' | 'className'>): string {
  return `The Keras layer "${name}" (${className})`;
}

/** The same of a layer in its place, with the models that it is in. */
export function whereOfNode({ names, className }: KerasNode): string {
  return whereOf({ name: names.join('/'), className });
}
