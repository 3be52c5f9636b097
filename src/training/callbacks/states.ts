/** The states of callbacks, as a checkpoint keeps them. */
import { OptionError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import type { CallbackState, Callbacks } from '../callbacks.ts';

/**
 * By the callbacks' names; of several with the same name, the second is "name_1", as layers are counted.
 * @throws OptionError if one is of what a checkpoint cannot hold
 */
export function statesOf(callbacks: readonly Callbacks[]): Map<string, CallbackState> {
  return new Map(
    named(callbacks).flatMap(([name, callback]) => {
      const state = callback.getState?.();
      if (state) mustBeJson(state.values, name);
      return state ? [[name, state]] : [];
    }),
  );
}

/** Gives back what `statesOf` found. A callback that is not among the states begins afresh. */
export function restoreStates(
  callbacks: readonly Callbacks[],
  states: ReadonlyMap<string, CallbackState>,
): void {
  for (const [name, callback] of named(callbacks)) {
    const state = states.get(name);
    if (state) callback.setState?.(state);
  }
}

function mustBeJson(value: unknown, name: string): void {
  if (typeof value === 'object' && value !== null)
    for (const each of Object.values(value)) mustBeJson(each, name);
  else if (!(value === null || ['boolean', 'string'].includes(typeof value) || Number.isFinite(value)))
    throw new OptionError(`callbacks: getState of "${name}" gives ${quoted(value)}, which JSON cannot hold.`);
}

function named(callbacks: readonly Callbacks[]): [string, Callbacks][] {
  const counts = new Map<string, number>();
  return callbacks.flatMap((callback): [string, Callbacks][] => {
    const { name, getState } = callback;
    if (name === undefined || !getState) return [];
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return [[count === 0 ? name : `${name}_${count}`, callback]];
  });
}
