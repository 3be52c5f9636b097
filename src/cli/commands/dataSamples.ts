import { extname } from 'node:path';
import { OptionError } from '../../errors.ts';
import type { Dataset } from '../../data/dataset.ts';
import { randomStream, shuffle } from '../../random.ts';
import { defineCommand } from '../command.ts';
import { checkChoice, datasetOptions, loadSplit } from '../datasets.ts';
import { wholeNumber, withDefault, type Check } from '../options.ts';

/** Images of each class, so that the sheet is about as wide as it is high. */
const PER_CLASS = 10;

/** Classes on the sheet: CIFAR-100's. */
const MOST_CLASSES = 100;

/** CSS pixels of a sheet, or nobody could look at it: of large images it has fewer. */
const MOST_WIDTH = 3_000;
const MOST_HEIGHT = 10_000;

/** How large a small image becomes in CSS pixels, in whole steps up to three times its size. */
const IMAGE_SIDE = 96;

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
    const scale = clamp(IMAGE_SIDE / Math.max(train.width, train.height), 3);
    await writeFileAtomic(out, await contactSheet(train, pick(train, seed, scale), { scale }));
    process.stdout.write(`${out}\n`);
  },
});

/** Some images of each of the first classes, at random. */
function pick({ labels, count, width, height }: Dataset, seed: number, scale: number): number[] {
  const perClass = clamp(MOST_WIDTH / (width * scale), PER_CLASS);
  const most = clamp(MOST_HEIGHT / (height * scale), MOST_CLASSES);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  shuffle(order, randomStream(seed, 'samples'));
  const byClass = new Map<number, number[]>();
  for (const i of order) {
    const label = labels[i]!;
    const picked = byClass.get(label) ?? [];
    if (picked.length < perClass) byClass.set(label, [...picked, i]);
  }
  const classes = [...byClass.keys()].sort((a, b) => a - b).slice(0, most);
  return classes.flatMap((label) => byClass.get(label)!);
}

/** A whole number from 1 on. */
function clamp(value: number, most: number): number {
  return Math.min(Math.max(1, Math.floor(value)), most);
}
