import { join } from 'node:path';
import {
  cifar10Channels,
  cifar10ClassNames,
  cifar10Side,
  cifar10TestFile,
} from '../../data/cifar10Format.ts';
import { cifar10 } from '../../data/locate.ts';
import { fileSize } from '../../files/readFile.ts';
import type { DatasetDefinition } from './definition.ts';
import { locate } from './located.ts';

export const cifar10Dataset: DatasetDefinition = {
  name: 'cifar10',
  describe: '60,000 photographs in 10 classes',
  published: { set: cifar10, trainCount: 50_000, testCount: 10_000 },
  check: () => undefined,
  task: () =>
    Promise.resolve({
      name: 'cifar10',
      inputShape: [cifar10Side, cifar10Side, cifar10Channels],
      classes: cifar10ClassNames.length,
      classNames: cifar10ClassNames,
    }),
  loadSplit: async (choice, options) => {
    const dir = await locate(cifar10, choice, options);
    const { readCifar10Test, readCifar10Train } = await import('../../data/cifar10.ts');
    const hasTest = (await fileSize(join(dir, cifar10TestFile))) !== undefined;
    // The test file first: it is the small one, so that a damaged one is found out at once.
    const test = hasTest ? await readCifar10Test(dir) : undefined;
    return { train: await readCifar10Train(dir), test, source: dir, testPlace: cifar10TestFile };
  },
  loadTest: async (choice, options) => {
    const dir = await locate(cifar10, choice, options);
    const { readCifar10Test } = await import('../../data/cifar10.ts');
    return { test: await readCifar10Test(dir), source: dir };
  },
  loadTestImage: async (choice, index) => {
    const dir = await locate(cifar10, choice, {});
    const { readCifar10TestImage } = await import('../../data/cifar10.ts');
    return readCifar10TestImage(dir, index);
  },
};
