import { OptionError } from '../../errors.ts';
import { mustClassify, mustFit } from '../fits.ts';
import type { FolderChoice } from '../pictures/folderDataset.ts';
import type { DatasetChoice, DatasetDefinition } from './definition.ts';

const load = () => import('../pictures/folderDataset.ts');

/** `--dataset folder:…` and a folder that is named are the same: the name says so. */
const asFolder = (choice: DatasetChoice): FolderChoice => choice as FolderChoice;

export const folderDataset: DatasetDefinition = {
  name: 'folder',
  describe: 'pictures, in a folder for each class',
  path: { placeholder: 'FOLDER', matches: () => false },
  check: ({ dataDir }) => {
    if (dataDir !== undefined)
      throw new OptionError('--data-dir is not for a folder of pictures: name the folder itself.');
  },
  task: async (choice, { decoding }) => (await load()).folderTask(asFolder(choice), decoding),
  settle: async (choice, { decoding }) => (await load()).withImageSize(asFolder(choice), decoding),
  loadSplit: async (choice, { decoding }) => ({
    ...(await (await load()).loadFolder(asFolder(choice), decoding)),
    testPlace: 'picture for the test',
  }),
  loadTestFor: async (choice, model, { decoding }) => {
    const { path, network } = model;
    mustClassify(network, path);
    const { inputShape } = network;
    const { loadFolderTest } = await load();
    const loaded = await loadFolderTest(asFolder(choice), model, decoding);
    mustFit(network, { name: loaded.source, inputShape, classes: loaded.test.classNames.length }, path);
    return loaded;
  },
};
