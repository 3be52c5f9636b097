/** What tells files of simdnet from weights of PyTorch, which are safetensors too but have no network. */
import { OptionError } from '../errors.ts';
import type { SafetensorsFile } from '../formats/safetensors.ts';

/** Whether simdnet wrote it, with the network. */
export function isOwn({ metadata }: SafetensorsFile): boolean {
  return Object.keys(metadata).some((key) => key.startsWith('simdnet.'));
}

/** For a network that is given with a file that has one. */
export function hasNetwork(fileName: string): OptionError {
  return new OptionError(
    `A network is for the weights of PyTorch in safetensors, but ${fileName} has one itself: leave it out.`,
  );
}
