import type { ArrayFormat } from '../../data/arrays/arrays.ts';
import { OptionError } from '../../errors.ts';
import type { DatasetDefinition } from './definition.ts';
import { filesDataset } from './storedFiles.ts';

export const npzDataset = arraysDataset('npz', 'arrays that NumPy has saved');
export const safetensorsDataset = arraysDataset('safetensors', 'the same in that format');

function arraysDataset(format: ArrayFormat, describe: string): DatasetDefinition {
  return filesDataset({
    name: format,
    describe,
    path: { placeholder: 'FILE', matches: (path) => path.toLowerCase().endsWith(`.${format}`) },
    check: ({ dataDir }) => {
      if (dataDir !== undefined)
        throw new OptionError(`--data-dir is not for --dataset ${format}:FILE, which names its file itself.`);
    },
    trainPlace: 'x_train, train_images or images',
    testPlace: 'x_test or test_images',
    open: async ({ dataset }) => {
      const source = dataset.slice(format.length + 1);
      const { openArrays } = await import('../../data/arrays/arrays.ts');
      return { stored: await openArrays(source, format), source };
    },
  });
}
