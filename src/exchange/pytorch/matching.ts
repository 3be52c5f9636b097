/** Which module of a `state_dict` the weights of which layer are from. */
import type { TorchModule } from './layers/torchLayer.ts';
import type { StoredModule } from './storedModules.ts';
import { attributeOf, type TorchNode } from './torchNetwork.ts';

/** A module that a layer has in PyTorch, to be filled by one of a file. */
export interface Slot {
  readonly node: TorchNode;
  readonly module: TorchModule;
  /** What it may be called in the file, with "_" for dots. */
  readonly names: readonly string[];
  /** Whether somebody gave its layer a name, so that it means something. */
  readonly named: boolean;
}

/** @param named  of each node, whether its name was given */
export function slotsOf(nodes: readonly TorchNode[], named: readonly boolean[]): Slot[] {
  return nodes.flatMap((node, i) =>
    node.modules.map((module): Slot => {
      const { suffix } = module;
      const own = suffix === undefined ? node.layer.name : `${node.layer.name}_${suffix}`;
      return { node, module, names: [attributeOf(node, suffix), underscored(own)], named: named[i]! };
    }),
  );
}

/** The slots with their modules; and what is left over of both. */
export interface Matching {
  readonly found: ReadonlyMap<Slot, StoredModule>;
  /** Slots and modules whose names agree, but not what they are. */
  readonly unlike: readonly (readonly [Slot, StoredModule])[];
  readonly slots: readonly Slot[];
  readonly modules: readonly StoredModule[];
}

/**
 * Matches by name where a name was given to the layer, and otherwise those of the same shapes in their order. The order of
 * normalizations is that within what they belong to, because parallel ways often have several of the same length.
 */
export function matched(slots: readonly Slot[], modules: readonly StoredModule[]): Matching {
  const state = new State(slots, modules);
  const unlike = byName(state);
  const isConvolution = (slot: Slot): boolean => slot.module.kind !== 'normalization';
  byOrder(state, isConvolution, keyOf, exactKey);
  byOrder(
    state,
    isConvolution,
    (slot) => looseKey(keyOf(slot)),
    (module) => looseKey(exactKey(module)),
  );
  const containers = containersOf(slots, state.found);
  byOrder(
    state,
    (slot) => containers.has(slot),
    (slot) => `${keyOf(slot)} in ${containers.get(slot)!}`,
    (module) => `${exactKey(module)} in ${containerOf(module.path)}`,
  );
  byOrder(state, () => true, keyOf, exactKey);
  return { found: state.found, unlike, slots: [...state.slots], modules: [...state.modules] };
}

class State {
  readonly found = new Map<Slot, StoredModule>();
  readonly slots: Set<Slot>;
  readonly modules: Set<StoredModule>;

  constructor(slots: readonly Slot[], modules: readonly StoredModule[]) {
    this.slots = new Set(slots);
    this.modules = new Set(modules);
  }

  match(slot: Slot, module: StoredModule): void {
    this.found.set(slot, module);
    this.slots.delete(slot);
    this.modules.delete(module);
  }
}

/** @returns the pairs that do not fit */
function byName(state: State): [Slot, StoredModule][] {
  const modules = byUnderscoredName([...state.modules]);
  const pairs = [...state.slots].flatMap((slot): [Slot, StoredModule][] => {
    const module = slot.names.map((name) => modules.get(name)).find((each) => each);
    return module ? [[slot, module]] : [];
  });
  const fits = ([slot, module]: [Slot, StoredModule]): boolean =>
    looseKey(keyOf(slot)) === looseKey(exactKey(module));
  // Names that layers have by themselves count if all of them do: programs count from different numbers.
  const isWhole = pairs.length === state.slots.size && pairs.every(fits);
  const unlike: [Slot, StoredModule][] = [];
  for (const pair of pairs) {
    const [slot, module] = pair;
    if (!(isWhole || slot.named) || !state.modules.has(module)) continue;
    if (fits(pair)) state.match(slot, module);
    else unlike.push(pair);
  }
  return unlike;
}

/** Modules by their paths, with and without what all begin with; the paths of two that become the same stand for none. */
function byUnderscoredName(modules: readonly StoredModule[]): ReadonlyMap<string, StoredModule | undefined> {
  const names = new Map<string, StoredModule | undefined>();
  const prefix = commonPrefix(modules.map(({ path }) => path));
  for (const skipped of prefix > 0 ? [0, prefix] : [0]) {
    const taken = new Set(names.keys());
    for (const module of modules) {
      const name = underscored(module.path.slice(skipped));
      if (!taken.has(name)) names.set(name, names.has(name) ? undefined : module);
    }
  }
  return names;
}

/** The length of what all paths begin with, up to a dot. */
function commonPrefix(paths: readonly string[]): number {
  const first = paths[0] ?? '';
  let end = first.length;
  for (const path of paths) {
    let same = 0;
    while (same < end && path[same] === first[same]) same++;
    end = same;
  }
  return end === 0 ? 0 : first.lastIndexOf('.', end - 1) + 1;
}

/** Matches, of those of a kind, slots and modules with the same key in their order, wherever there are as many of both. */
function byOrder(
  state: State,
  isMeant: (slot: Slot) => boolean,
  slotKey: (slot: Slot) => string,
  moduleKey: (module: StoredModule) => string,
): void {
  const slots = grouped([...state.slots].filter(isMeant), slotKey);
  const modules = grouped([...state.modules], moduleKey);
  for (const [key, group] of slots) {
    const candidates = modules.get(key);
    if (candidates?.length !== group.length) continue;
    group.forEach((slot, i) => {
      state.match(slot, candidates[i]!);
    });
  }
}

/** What a slot is filled by: all names and shapes. */
export function keyOf({ module }: Slot): string {
  return keyText(module.parameters.map(({ name, shape }) => [name, shape]));
}

export function exactKey({ parameters }: StoredModule): string {
  return keyText(Array.from(parameters, ([name, { shape }]) => [name, shape]));
}

function keyText(parameters: readonly (readonly [string, readonly number[]])[]): string {
  const texts = parameters.map(([name, shape]) => `${name} [${shape.join(', ')}]`);
  return texts.sort((a, b) => NAMES.indexOf(a.split(' ')[0]!) - NAMES.indexOf(b.split(' ')[0]!)).join(', ');
}

const NAMES: readonly string[] = ['weight', 'bias', 'running_mean', 'running_var'];

/** The same for linear layers and convolutions by 1×1 kernels, which do the same to one pixel. */
function looseKey(key: string): string {
  return key.replace(/(weight \[\d+, \d+), 1, 1\]/, '$1]');
}

/** Of each normalization right behind a convolution, what the module of that one belongs to. */
function containersOf(
  slots: readonly Slot[],
  found: ReadonlyMap<Slot, StoredModule>,
): ReadonlyMap<Slot, string> {
  // The last one of layers that have several.
  const byLayer = new Map(slots.map((slot) => [slot.node.layer.name, slot]));
  const containers = new Map<Slot, string>();
  for (const slot of slots) {
    const before = byLayer.get(slot.node.inputs[0]!);
    const module = before && found.get(before);
    if (slot.module.kind === 'normalization' && module) containers.set(slot, containerOf(module.path));
  }
  return containers;
}

function containerOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('.'), 0));
}

function underscored(path: string): string {
  return path.replace(/\W/g, '_');
}

function grouped<T>(items: readonly T[], keyOfItem: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOfItem(item));
    if (group) group.push(item);
    else groups.set(keyOfItem(item), [item]);
  }
  return groups;
}
