/** Models that other programs wrote, on the command line. */
import { OptionError } from '../errors.ts';
import { NETWORKS } from '../networks/registry.ts';
import type { LayerSpec } from '../nn/spec.ts';
import { isFile, layersOf, networkName } from './networkOptions.ts';
import { flag, optional } from './options.ts';

export const importOptions = {
  network: optional(
    'Model:',
    "The network of a PyTorch state_dict in safetensors, which has weights only: FILE.json, or one of simdnet's.",
    networkName,
  ),
  softmax: flag(
    'Model:',
    'Put a softmax behind a network that gives logits, as those of PyTorch do, so that it tells classes apart.',
  ),
};

/** The layers that `--network` names: those of simdnet's own at the size that they were made for. @throws OptionError, FormatError */
export async function networkGiven(network: string | undefined): Promise<readonly LayerSpec[] | undefined> {
  if (network === undefined) return undefined;
  if (isFile(network)) return layersOf(network, { inputShape: [], classes: 0 });
  const preset = NETWORKS.find(({ name }) => name === network);
  if (!preset) throw new OptionError(`There is no network ${JSON.stringify(network)}.`);
  return layersOf(network, preset);
}
