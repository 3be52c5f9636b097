import type { Dataset, LabelledImages } from '../../data/dataset.ts';
import { gather } from '../../data/slice.ts';
import { randomStream, shuffle } from '../../random.ts';
import { defineCommand } from '../command.ts';
import { augmentationList, augmentationsOf } from '../augmentation.ts';
import { checkChoice, datasetOptions, loadSplit } from '../datasets.ts';
import { folderOptions } from '../pictures/folderOptions.ts';
import { withFolder } from '../pictures/withFolder.ts';
import { optional, pngFile, wholeNumber, withDefault } from '../options.ts';
import { Terminal } from '../terminal.ts';

/** Images of each class, so that the sheet is about as wide as it is high. */
const PER_CLASS = 10;

/** Classes on the sheet: CIFAR-100's. */
const MOST_CLASSES = 100;

/** CSS pixels of a sheet, or nobody could look at it: of large images it has fewer. */
const MOST_WIDTH = 3_000;
const MOST_HEIGHT = 10_000;

/** How large a small image becomes in CSS pixels, in whole steps up to three times its size. */
const IMAGE_SIDE = 96;

export const command = defineCommand({
  options: {
    ...datasetOptions,
    ...folderOptions,
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
    ['data samples --dataset shapes --seed 3', 'Other images, of another dataset.'],
    ['data samples FOLDER', 'Pictures of a folder, as a network is shown them.'],
    ['data samples --augment flip,rotate=10,mixup', 'What training with these is shown.'],
  ],
  run: async ({ augment, seed, out, ...typed }, { operands, given }) => {
    const { values: choice } = withFolder(typed, operands, given);
    checkChoice(choice);
    const terminal = new Terminal(process.stderr);
    const { train, close } = await loadSplit(choice, { decoding: { terminal } });
    const [{ contactSheet }, { writeFileAtomic }] = await Promise.all([
      import('../../plot/contactSheet.ts'),
      import('../../files/writeFile.ts'),
    ]);
    const scale = clamp(IMAGE_SIDE / Math.max(train.width, train.height), 3);
    const samples = await gather(train, pick(train, seed, scale));
    await close?.();
    const shown = augment === undefined ? samples : await changed(samples, augment, seed);
    await writeFileAtomic(out, await contactSheet(shown, [...shown.labels.keys()], { scale }));
    process.stdout.write(`${out}\n`);
  },
});

/** One image of each class, and what `--augment` makes of it. */
async function changed(set: Dataset, augment: string, seed: number): Promise<Dataset> {
  const { augmentedSamples } = await import('../augmentedSamples.ts');
  const layers = augmentationsOf(augment, { inputShape: [set.height, set.width, set.channels] });
  const first = [...new Set(set.labels)].map((label) => set.labels.indexOf(label));
  return augmentedSamples(set, first, PER_CLASS, { augment: layers, seed });
}

/** Some images of each of the first classes, at random. */
function pick({ labels, count, width, height }: LabelledImages, seed: number, scale: number): number[] {
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
