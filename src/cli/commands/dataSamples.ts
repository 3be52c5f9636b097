import { extname } from 'node:path';
import { OptionError } from '../../errors.ts';
import type { Dataset } from '../../data/dataset.ts';
import { randomStream, shuffle } from '../../random.ts';
import { defineCommand } from '../command.ts';
import { checkChoice, datasetOptions, loadSplit } from '../datasets.ts';
import { wholeNumber, withDefault, type Check } from '../options.ts';

/** Images of each class, so that the sheet is about as wide as it is high. */
const PER_CLASS = 10;

/** Classes on the sheet: CIFAR-100's. More would make pictures that nobody can look at. */
const MOST_CLASSES = 100;

const pngFile: Check<string> = (value, name) => {
  if (extname(value).toLowerCase() === '.png') return value;
  throw new OptionError(`--${name} must end in .png, not be ${JSON.stringify(value)}.`);
};

export const command = defineCommand({
  options: {
    ...datasetOptions,
    seed: withDefault('Data:', 'Of the choice of images.', wholeNumber(), 0),
    out: withDefault('Output:', 'The sheet, a PNG.', pngFile, 'samples.png'),
  },
  examples: [
    ['data samples', 'Draws samples.png from CIFAR-10.'],
    ['data samples --dataset shapes --seed 3', 'Other images, of another dataset.'],
  ],
  run: async ({ seed, out, ...choice }) => {
    checkChoice(choice);
    const { train } = await loadSplit(choice, {});
    const [{ contactSheet }, { writeFileAtomic }] = await Promise.all([
      import('../../plot/contactSheet.ts'),
      import('../../files/writeFile.ts'),
    ]);
    await writeFileAtomic(out, await contactSheet(train, pick(train, seed)));
    process.stdout.write(`${out}\n`);
  },
});

/** Some images of each of the first classes, at random. */
function pick({ labels, count }: Dataset, seed: number): number[] {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  shuffle(order, randomStream(seed, 'samples'));
  const byClass = new Map<number, number[]>();
  for (const i of order) {
    const label = labels[i]!;
    const picked = byClass.get(label) ?? [];
    if (picked.length < PER_CLASS) byClass.set(label, [...picked, i]);
  }
  const classes = [...byClass.keys()].sort((a, b) => a - b).slice(0, MOST_CLASSES);
  return classes.flatMap((label) => byClass.get(label)!);
}
