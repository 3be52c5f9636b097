import { extname } from 'node:path';
import { OptionError } from '../../errors.ts';
import type { Dataset } from '../../data/dataset.ts';
import { randomStream, shuffle } from '../../random.ts';
import { defineCommand } from '../command.ts';
import { checkChoice, datasetOptions, loadSplit } from '../datasets.ts';
import { wholeNumber, withDefault, type Check } from '../options.ts';

/** Images of each class, so that the sheet is about as wide as it is high. */
const PER_CLASS = 10;

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
    ['data samples --dataset shapes --seed 3', 'Other images, of the other dataset.'],
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

/** Some images of each class, at random. */
function pick({ labels, count, classNames }: Dataset, seed: number): number[] {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  shuffle(order, randomStream(seed, 'samples'));
  return classNames.flatMap((_, label) => [...order.filter((i) => labels[i] === label).slice(0, PER_CLASS)]);
}
