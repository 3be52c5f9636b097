import { idxTestImages, idxTrainImages, openIdx } from '../../data/idx.ts';
import { fashionMnist, fashionMnistClassNames, mnist, mnistClassNames, mnistSide } from '../../data/mnist.ts';
import type { PublishedSet } from '../../data/published.ts';
import { FormatError } from '../../errors.ts';
import type { DatasetDefinition } from './definition.ts';
import { locate } from './located.ts';
import { filesDataset } from './storedFiles.ts';

const INPUT_SHAPE = [mnistSide, mnistSide, 1] as const;

export const mnistDataset = idxDataset(mnist, '70,000 handwritten digits', mnistClassNames);

export const fashionMnistDataset = idxDataset(
  fashionMnist,
  '70,000 articles of clothing',
  fashionMnistClassNames,
);

function idxDataset(set: PublishedSet, describe: string, classNames: readonly string[]): DatasetDefinition {
  return filesDataset({
    name: set.name,
    describe,
    published: { set, trainCount: 60_000, testCount: 10_000 },
    check: () => undefined,
    task: { name: set.name, inputShape: INPUT_SHAPE, classes: classNames.length, classNames },
    trainPlace: idxTrainImages,
    testPlace: idxTestImages,
    open: async (choice, options) => {
      const source = await locate(set, choice, options);
      const stored = await openIdx(source, classNames);
      if (stored.inputShape.join() === INPUT_SHAPE.join()) return { stored, source };
      throw new FormatError(
        `the images in ${source} are ${stored.inputShape.join('×')}, and those of ${set.title} are ` +
          `${INPUT_SHAPE.join('×')}: other IDX files are read by --dataset idx`,
      );
    },
  });
}
