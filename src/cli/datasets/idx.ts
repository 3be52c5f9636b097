import { idxTestImages, idxTrainImages, openIdx } from '../../data/idx.ts';
import { OptionError } from '../../errors.ts';
import { filesDataset } from './storedFiles.ts';

export const idxDataset = filesDataset({
  name: 'idx',
  describe: 'the IDX files in --data-dir',
  check: ({ dataDir }) => {
    if (dataDir === undefined)
      throw new OptionError('--dataset idx needs --data-dir: the folder of the IDX files.');
  },
  trainPlace: idxTrainImages,
  testPlace: idxTestImages,
  open: async ({ dataDir }) => ({ stored: await openIdx(dataDir!), source: dataDir! }),
});
