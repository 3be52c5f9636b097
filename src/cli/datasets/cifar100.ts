import { cifar100, cifar100Shape, openCifar100 } from '../../data/cifar100.ts';
import { cifar100ClassNames } from '../../data/cifar100Names.ts';
import { locate } from './located.ts';
import { filesDataset } from './storedFiles.ts';

export const cifar100Dataset = filesDataset({
  name: 'cifar100',
  describe: '60,000 photographs in 100 classes',
  published: { set: cifar100, trainCount: 50_000, testCount: 10_000 },
  check: () => undefined,
  task: {
    name: 'cifar100',
    inputShape: cifar100Shape,
    classes: cifar100ClassNames.length,
    classNames: cifar100ClassNames,
  },
  trainPlace: 'train.bin',
  testPlace: 'test.bin',
  open: async (choice, options) => {
    const source = await locate(cifar100, choice, options);
    return { stored: await openCifar100(source), source };
  },
});
