import type { Fit } from '../../data/fitPicture.ts';
import { readOptions } from '../options.ts';
import { runBeside } from '../runBeside.ts';
import { FOLDER_DEFAULTS, folderOptions, folderPath, isFolderName } from './folderOptions.ts';

/** How a model was trained, if it was on a folder of pictures. */
export interface OptionsBeside {
  readonly folder?: string;
  readonly fit?: Fit;
  readonly testSplit?: number | undefined;
  readonly splitSeed?: number | undefined;
}

/** What the run.json beside a model tells of its pictures; nothing if there is none. @param model  the path of its file */
export async function optionsBeside(model: string): Promise<OptionsBeside> {
  const { record } = (await runBeside(model)) ?? {};
  const dataset = record?.options.dataset;
  if (!record || typeof dataset !== 'string' || !isFolderName(dataset)) return {};
  const text = (key: string): string | undefined => {
    const value = record.options[key];
    if (value === null || value === undefined) return undefined;
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  const { imageFit, testSplit, splitSeed } = readOptions(folderOptions, {
    'image-fit': text('imageFit'),
    'test-split': text('testSplit'),
    'split-seed': text('splitSeed'),
  });
  return { folder: folderPath(dataset), fit: imageFit ?? FOLDER_DEFAULTS.imageFit, testSplit, splitSeed };
}
