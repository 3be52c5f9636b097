import type { Fit } from '../../data/fitPicture.ts';
import type { Model } from '../../training/model.ts';
import { optionsBeside } from './optionsBeside.ts';

/**
 * How pictures are brought into shape for a model: as it says itself, or else the run.json beside it, by which models are known that were
 * saved before they said so.
 * @param path  of its file
 */
export async function fitFor({ imageFit }: Model, path: string): Promise<Fit> {
  return imageFit ?? (await optionsBeside(path)).fit ?? 'stretch';
}
