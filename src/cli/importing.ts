/** Models that other programs wrote, on the command line. */
import { OptionError } from '../errors.ts';
import { NETWORKS } from '../networks/registry.ts';
import type { LoadOptions } from '../exchange/loadModel.ts';
import type { NetworkParts } from '../training/modelJson.ts';
import { isFile, networkName, partsOf } from './networkOptions.ts';
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

/**
 * What `--network` names, as the options of a model that is loaded: simdnet's own at the size that they were made for.
 * @throws OptionError, FormatError
 */
export async function networkGiven(
  name: string | undefined,
): Promise<Pick<LoadOptions, 'network' | 'pixelScale'>> {
  if (name === undefined) return {};
  const { layers, pixelScale } = await partsNamed(name);
  // What the layers tell is not overruled by what is usual.
  return { network: layers, ...(pixelScale !== 1 && { pixelScale }) };
}

async function partsNamed(network: string): Promise<NetworkParts> {
  if (isFile(network)) return partsOf(network, { inputShape: [], classes: 0 });
  const preset = NETWORKS.find(({ name }) => name === network);
  if (!preset) throw new OptionError(`There is no network ${JSON.stringify(network)}.`);
  return partsOf(network, preset);
}
