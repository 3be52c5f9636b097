/** How Keras writes in JSON what a layer or an operation is applied to. */
import { isObject } from '../isObject.ts';
import type { Operand } from './kerasOperations.ts';

/** An output of a layer, as another takes it. */
export interface Reference {
  readonly name: string;
  /** Which output of it. */
  readonly index: number;
}

/** What stands for the outputs of layers, in the order in which it is met. */
export function referencesIn(nodes: unknown): Reference[] {
  const references: Reference[] = [];
  // A list instead of recursion: files may be nested deeper than the stack.
  const open: unknown[] = [nodes];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    const reference = referenceOf(value);
    if (reference) references.push(reference);
    // One by one: as arguments of a call, many would not fit on the stack.
    else for (const each of (Object.values(value) as unknown[]).reverse()) open.push(each);
  }
  return references;
}

/** `{ "keras_history": ["conv2d", 0, 0] }`, or `["conv2d", 0, 0, {}]` as Keras 2 wrote it. */
function referenceOf(value: object): Reference | undefined {
  const history: unknown = 'keras_history' in value ? value.keras_history : value;
  if (!Array.isArray(history) || typeof history[0] !== 'string' || typeof history[1] !== 'number') {
    return undefined;
  }
  if (history[0] === CONSTANT) return undefined;
  return { name: history[0], index: typeof history[2] === 'number' ? history[2] : 0 };
}

/** Stands in the place of a layer's name where Keras 2 has a number: `["_CONSTANT_VALUE", -1, 2.5, {}]`. */
const CONSTANT = '_CONSTANT_VALUE';

/** What an operation is applied to, in order, of the one time that it is used. */
export function operandsOf(nodes: unknown): Operand[] {
  const node: unknown = Array.isArray(nodes) ? nodes[0] : undefined;
  if (isObject(node)) {
    const args: readonly unknown[] = Array.isArray(node.args) ? node.args : [];
    const kwargs = isObject(node.kwargs) ? Object.entries(node.kwargs) : [];
    return [
      ...args.map((value) => operandOf(undefined, value)),
      ...kwargs.map(([key, value]) => operandOf(key, value)),
    ];
  }
  if (!Array.isArray(node)) return [];
  // As Keras 2 wrote it: tensors, the last of which has the other arguments by name.
  return node.flatMap((value: unknown) => {
    if (!Array.isArray(value)) return [];
    const first = value[0] === CONSTANT ? operandOf(undefined, value[2]) : operandOf(undefined, value);
    const kwargs: unknown = value[3];
    const others = isObject(kwargs) ? Object.entries(kwargs) : [];
    return [first, ...others.map(([key, each]) => operandOf(key, each))];
  });
}

function operandOf(name: string | undefined, value: unknown): Operand {
  const isTensor = typeof value === 'object' && value !== null && referencesIn(value).length > 0;
  return { name, isTensor, value };
}
