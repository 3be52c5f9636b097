import type { LabelledImages } from '../../data/dataset.ts';
import { randomStream, shuffle } from '../../random.ts';
import { defineCommand } from '../command.ts';
import { checkChoice, datasetOptions, gathered, loadSplit } from '../datasets.ts';
import { folderOptions, withFolder } from '../pictures/folderOptions.ts';
import { pngFile, wholeNumber, withDefault } from '../options.ts';
import { Terminal } from '../terminal.ts';

/** Images of each class, so that the sheet is about as wide as it is high. */
const PER_CLASS = 10;

export const command = defineCommand({
  options: {
    ...datasetOptions,
    ...folderOptions,
    seed: withDefault('Data:', 'Of the choice of images.', wholeNumber(), 0),
    out: withDefault('Output:', 'The sheet, a PNG.', pngFile, 'samples.png'),
  },
  examples: [
    ['data samples', 'Draws samples.png from CIFAR-10.'],
    ['data samples --dataset shapes --seed 3', 'Other images, of the other dataset.'],
    ['data samples FOLDER', 'Pictures of a folder, as a network is shown them.'],
  ],
  run: async ({ seed, out, ...typed }, { operands, given }) => {
    const { values: choice } = withFolder(typed, operands, given);
    checkChoice(choice);
    const terminal = new Terminal(process.stderr);
    const { train, close } = await loadSplit(choice, { decoding: { terminal } });
    const [{ contactSheet }, { writeFileAtomic }] = await Promise.all([
      import('../../plot/contactSheet.ts'),
      import('../../files/writeFile.ts'),
    ]);
    const samples = await gathered(train, pick(train, seed));
    await close?.();
    await writeFileAtomic(out, await contactSheet(samples, [...samples.labels.keys()]));
    process.stdout.write(`${out}\n`);
  },
});

/** Some images of each class, at random. */
function pick({ labels, count, classNames }: LabelledImages, seed: number): number[] {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  shuffle(order, randomStream(seed, 'samples'));
  return classNames.flatMap((_, label) => [...order.filter((i) => labels[i] === label).slice(0, PER_CLASS)]);
}
