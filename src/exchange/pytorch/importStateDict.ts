/** The weights of a PyTorch `state_dict`, for a network that is given with them: the file has names and shapes, but no layers. */
import { FormatError, OptionError } from '../../errors.ts';
import { assignNames, buildNetwork, type Network } from '../../nn/network.ts';
import type { Tensor } from '../../nn/parameters.ts';
import type { LayerSpec } from '../../nn/spec.ts';
import { quoted } from '../../quoted.ts';
import type { Imported, Source } from '../imported.ts';
import { exactKey, keyOf, matched, slotsOf, type Matching, type Slot } from './matching.ts';
import { fromTorch } from './permutation.ts';
import { floatsOf, storedModules, type StoredModule } from './storedModules.ts';
import { torchNetwork } from './torchNetwork.ts';

/**
 * Weights by layer: those of modules whose names are those of layers ("layer1.0.conv1", or "layer1_0_conv1"), and others by their
 * shapes, in their order. The rows of a dense layer behind a flatten are put from channels first to channels last.
 * @throws OptionError if no network is given, or it is none; FormatError naming the file, the layer or the tensor that does not fit
 */
export function importStateDict({ fileName, bytes, network: layers }: Source): Imported {
  if (!layers) {
    throw new OptionError(
      `${fileName} has weights without layers: give the network that they are for with --network, a JSON file of its layers.`,
    );
  }
  const network = buildNetwork(layers);
  const modules = storedModules(bytes, fileName);
  const slots = slotsOf(torchNetwork(network), givenNames(network, layers));
  const matching = matched(slots, modules);
  mustMatch(matching, fileName);
  const found = new Map<string, Tensor>();
  for (const slot of slots) {
    for (const [name, tensor] of weightsOf(slot, matching.found.get(slot)!, fileName))
      found.set(name, tensor);
  }
  const weights = new Map(network.weights.map(({ name }) => [name, found.get(name)!]));
  return { layers, weights, layout: 'nchw' };
}

/** Whether each layer has another name than it would get by itself. */
function givenNames({ specs }: Network, layers: readonly LayerSpec[]): boolean[] {
  const own = assignNames(layers.map(({ type }) => ({ type })));
  return specs.map(({ name }, i) => name !== own[i]);
}

function* weightsOf(
  { node, module }: Slot,
  { path, parameters }: StoredModule,
  fileName: string,
): Generator<[string, Tensor]> {
  for (const parameter of module.parameters) {
    const { name, weight } = parameter;
    const tensorName = path === '' ? name : `${path}.${name}`;
    const data = floatsOf(parameters.get(name)!, tensorName, fileName);
    if (typeof weight === 'number') {
      mustBeAll(
        weight,
        data,
        `${fileName}: ${layerText(node)} has no weight for the tensor ${quoted(tensorName)}`,
      );
      continue;
    }
    const id = `${node.layer.name}/${weight}`;
    const { shape } = node.layer.weights.find((each) => each.name === weight)!;
    yield [id, { shape, data: fromTorch(data, parameter) }];
  }
}

/** @throws FormatError unless the tensor changes nothing */
function mustBeAll(value: number, data: Float32Array, what: string): void {
  if (data.every((each) => each === value)) return;
  const option = value === 1 ? 'scale: true' : 'center: true';
  throw new FormatError(`${what}, whose values are not all ${value}: give it ${option}.`);
}

/** @throws FormatError for the first layer or module that is left over */
function mustMatch({ unlike, slots, modules }: Matching, fileName: string): void {
  if (unlike.length > 0) {
    const [slot, module] = unlike[0]!;
    throw new FormatError(`${fileName}: ${differenceText(slot, module)}`);
  }
  if (slots.length > 0) throw new FormatError(`${fileName}: ${noModuleText(slots, modules)}`);
  if (modules.length > 0) {
    const [module] = modules as readonly [StoredModule];
    throw new FormatError(
      `${fileName}: no layer is left for ${moduleText(module)} with ${exactKey(module)}: the network has ${modules.length} ` +
        'layers with weights too few, or layers in other places.',
    );
  }
}

function noModuleText(slots: readonly Slot[], modules: readonly StoredModule[]): string {
  const [slot] = slots as readonly [Slot];
  const key = keyOf(slot);
  const alike = modules.filter((module) => exactKey(module) === key);
  if (alike.length > 0) {
    const layers = slots.filter((each) => keyOf(each) === key);
    return (
      `there are ${layers.length} layers that take ${key}, from ${layerText(slot.node)} on, but ${alike.length} modules that have ` +
      `it, from ${moduleText(alike[0]!)} on. Give layers the names of their modules, or make the network as many.`
    );
  }
  const nearest = nearestOf(slot, modules);
  if (nearest) return differenceText(slot, nearest);
  return `${layerText(slot.node)} takes ${key}, but all modules of this kind in the file are taken by other layers.`;
}

/** The module of the same kind that has the most in common with what a layer takes. */
function nearestOf(slot: Slot, modules: readonly StoredModule[]): StoredModule | undefined {
  const isNormalization = slot.module.kind === 'normalization';
  const candidates = modules.filter(({ kind }) => (kind === 'normalization') === isNormalization);
  const weight = weightShape(keyOf(slot));
  return candidates.find((each) => weightShape(exactKey(each)) === weight) ?? candidates[0];
}

function differenceText(slot: Slot, module: StoredModule): string {
  const [wanted, given] = [keyOf(slot), exactKey(module)];
  return `${layerText(slot.node)} takes ${wanted}, but ${moduleText(module)} has ${given}: ${remedyText(slot, wanted, given)}`;
}

function remedyText({ module, node }: Slot, wanted: string, given: string): string {
  const isNormalization = module.kind === 'normalization';
  const hasBias = given.includes('bias');
  if (isNormalization && hasBias !== wanted.includes('bias')) {
    return hasBias ? 'leave scale and center out.' : 'give the layer scale: false and center: false.';
  }
  if (weightShape(wanted) === weightShape(given) && hasBias !== wanted.includes('bias')) {
    return hasBias ? 'leave useBias: false out.' : 'give the layer useBias: false.';
  }
  if (wanted.split(', ').length !== given.split(', ').length || isNormalization) {
    return `make ${quoted(node.layer.name)} the layer that the module is, or name it after its own.`;
  }
  return `change ${quoted(node.layer.name)}, or what comes before it, so that it has these shapes, or name it after its own module.`;
}

function weightShape(key: string): string | undefined {
  return /weight \[[^\]]*\]/.exec(key)?.[0];
}

function layerText({ layer }: Slot['node']): string {
  return `layer ${quoted(layer.name)} (${layer.type})`;
}

function moduleText({ path }: StoredModule): string {
  return path === '' ? 'the module itself' : `the module ${quoted(path)}`;
}
