/** The arguments of a call by the names that they have in the kernel's source. */
import { KERNELS } from '../src/engine/kernels.ts';
import type { Call } from '../src/engine/program.ts';

/** @returns a function from an argument's name to its value. @throws Error for one that is no number, or not there */
export function argumentsOf({ kernel, arguments: values }: Call<unknown>): (name: string) => number {
  const names: readonly string[] = KERNELS[kernel as keyof typeof KERNELS];
  return (name) => {
    const value = values[names.indexOf(name)];
    if (typeof value === 'number') return value;
    throw new Error(`${kernel} has no number for its argument ${name}.`);
  };
}
