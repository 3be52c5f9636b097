/** Calls of kernels with their arguments by name, checked by the compiler. */
import { KERNELS } from './kernels.ts';
import type { Pointer } from './pointer.ts';
import type { Argument, Instruction } from './program.ts';

export type KernelName = keyof typeof KERNELS;

/** The arguments of a kernel, by the names that they have in its source. */
export type KernelArguments<K extends KernelName> = Readonly<
  Record<(typeof KERNELS)[K][number], Argument | Pointer>
>;

/** How many items of work there are, of which so many are best taken together. */
export type Items = Pick<Instruction, 'items' | 'grain'>;

export function inGrains(items: number, grain: number): Items {
  return grain > 1 ? { items, grain } : { items };
}

/**
 * @param label  what the call is for; profiles are grouped by it
 * @param items  what there is to share out
 */
export function call<K extends KernelName>(
  kernel: K,
  label: string,
  items: number | Items,
  args: KernelArguments<K>,
): Instruction {
  const work = typeof items === 'number' ? { items } : items;
  const names: readonly (typeof KERNELS)[K][number][] = KERNELS[kernel];
  return { label, kernel, arguments: names.map((name) => args[name]), ...work };
}
