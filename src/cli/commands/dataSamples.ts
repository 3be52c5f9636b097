import { extname } from 'node:path';
import { OptionError } from '../../errors.ts';
import type { Dataset } from '../../data/dataset.ts';
import { randomStream, shuffle } from '../../random.ts';
import { defineCommand } from '../command.ts';
import { augmentationList, augmentationsOf } from '../augmentation.ts';
import { checkChoice, datasetOptions, loadSplit } from '../datasets.ts';
import { optional, wholeNumber, withDefault, type Check } from '../options.ts';

/** Images of each class, so that the sheet is about as wide as it is high. */
const PER_CLASS = 10;

const pngFile: Check<string> = (value, name) => {
  if (extname(value).toLowerCase() === '.png') return value;
  throw new OptionError(`--${name} must end in .png, not be ${JSON.stringify(value)}.`);
};

export const command = defineCommand({
  options: {
    ...datasetOptions,
    augment: optional(
      'Data:',
      'Show one image of each class, and what training with these would make of it in one epoch after the other.',
      augmentationList,
    ),
    seed: withDefault('Data:', 'Of the choice of images, and of how they are changed.', wholeNumber(), 0),
    out: withDefault('Output:', 'The sheet, a PNG.', pngFile, 'samples.png'),
  },
  examples: [
    ['data samples', 'Draws samples.png from CIFAR-10.'],
    ['data samples --dataset shapes --seed 3', 'Other images, of the other dataset.'],
    ['data samples --augment flip,rotate=10,mixup', 'What training with these is shown.'],
  ],
  run: async ({ augment, seed, out, ...choice }) => {
    checkChoice(choice);
    const { train } = await loadSplit(choice, {});
    const [{ contactSheet }, { writeFileAtomic }] = await Promise.all([
      import('../../plot/contactSheet.ts'),
      import('../../files/writeFile.ts'),
    ]);
    const indices = pick(train, seed);
    await writeFileAtomic(
      out,
      augment === undefined
        ? await contactSheet(train, indices)
        : await changedSheet(train, indices, augment, seed),
    );
    process.stdout.write(`${out}\n`);
  },
});

/** One image of each class, and what `--augment` makes of it. */
async function changedSheet(
  set: Dataset,
  indices: readonly number[],
  augment: string,
  seed: number,
): Promise<Uint8Array> {
  const [{ contactSheet }, { augmentedSamples }] = await Promise.all([
    import('../../plot/contactSheet.ts'),
    import('../augmentedSamples.ts'),
  ]);
  const layers = augmentationsOf(augment, [set.height, set.width, set.channels]);
  const first = set.classNames.flatMap(
    (_, label) => indices.find((index) => set.labels[index] === label) ?? [],
  );
  const changed = await augmentedSamples(set, first, PER_CLASS, { augment: layers, seed });
  return contactSheet(
    changed,
    Array.from({ length: changed.count }, (_, i) => i),
  );
}

/** Some images of each class, at random. */
function pick({ labels, count, classNames }: Dataset, seed: number): number[] {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  shuffle(order, randomStream(seed, 'samples'));
  return classNames.flatMap((_, label) => [...order.filter((i) => labels[i] === label).slice(0, PER_CLASS)]);
}
