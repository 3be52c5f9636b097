import { resolve } from 'node:path';
import { OptionError } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import { printJson } from '../json.ts';
import { jsonOption } from '../modelOptions.ts';
import { optional, pngFile, share, withDefault } from '../options.ts';
import { decodingWatch } from '../pictures/decoding.ts';
import { splitOptions } from '../pictures/folderOptions.ts';
import { Terminal } from '../terminal.ts';

export const command = defineCommand({
  options: {
    'validation-split': withDefault(
      'Folders of pictures:',
      'The share of the training pictures of each class to validate with.',
      share,
      0.2,
    ),
    ...splitOptions,
    out: optional('Output:', 'A sheet with some pictures of each class, a PNG.', pngFile, 'none'),
    ...jsonOption,
  },
  examples: [
    ['data inspect FOLDER', 'What is in it, what cannot be read, and what is there twice.'],
    ['data inspect FOLDER --out sheet.png', 'Shows some pictures of each class, too.'],
  ],
  notes: 'Exits with 1 only if a network cannot be trained on the folder at all.',
  run: async ({ out, json, ...choice }, { operands }) => {
    const [path] = operands;
    if (path === undefined || operands.length > 1) throw new OptionError('Name one folder of pictures.');
    const [{ listPictures }, { splitPictures }, { inspectPictures }, { splitOf }, { inspectionText }] =
      await Promise.all([
        import('../../data/pictures/pictureFolder.ts'),
        import('../../data/pictures/split.ts'),
        import('../../data/pictures/inspect.ts'),
        import('../pictures/folderDataset.ts'),
        import('../pictures/inspection.ts'),
      ]);
    const folder = await listPictures(resolve(path));
    const parts = splitPictures(folder, splitOf(choice));
    const terminal = new Terminal(process.stderr);
    const { report, samples } = await inspectPictures(folder, parts, decodingWatch(terminal, undefined));
    terminal.clear();
    if (json) printJson(report);
    else process.stdout.write(`${inspectionText(report)}\n`);
    if (out === undefined) return;
    if (!samples) {
      process.stderr.write('simdnet: no picture can be read, so there is no sheet\n');
      return;
    }
    const [{ contactSheet }, { writeFileAtomic }] = await Promise.all([
      import('../../plot/contactSheet.ts'),
      import('../../files/writeFile.ts'),
    ]);
    await writeFileAtomic(out, await contactSheet(samples, [...samples.labels.keys()], { scale: 1 }));
    if (!json) process.stdout.write(`${out}\n`);
  },
});
