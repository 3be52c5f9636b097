/** What recipes are called by trainings of earlier versions. */

/**
 * The name of a recipe today: up to 0.6, `airbench94-sgd` was called `airbench94`.
 * @param name  as a run or a kept training has it, unchecked
 * @param optimizer  the optimizer's settings that it has, unchecked
 */
export function presentName<T>(name: T, optimizer: unknown): T | 'airbench94-sgd' {
  const isSgd = (optimizer as { readonly name?: unknown } | null | undefined)?.name === 'sgd';
  return name === 'airbench94' && isSgd ? 'airbench94-sgd' : name;
}
