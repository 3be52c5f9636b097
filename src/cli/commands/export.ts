import { extname } from 'node:path';
import { OptionError } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import { EXPORT_FORMATS, type ExportFormatName } from '../export/formats.ts';
import { printJson } from '../json.ts';
import { flag, oneOf, optional, required, text } from '../options.ts';
import { imageFitOption } from '../pictures/folderOptions.ts';
import { Terminal } from '../terminal.ts';
import { sizeOf } from '../units.ts';

const formatNames = Object.keys(EXPORT_FORMATS) as ExportFormatName[];

export const command = defineCommand({
  options: {
    to: required('Output:', 'What to make of it: html, a page that needs no network.', oneOf(...formatNames)),
    out: optional('Output:', 'The file.', text, 'beside the model'),
    title: optional('Output:', 'The heading of the page.', text, 'the name of the model or its run'),
    json: flag('Output:', 'Print one line of JSON, for programs.'),
    best: flag('Model:', 'Take best.safetensors of a run, which --save-best keeps, not model.safetensors.'),
    ...imageFitOption,
  },
  examples: [
    ['export runs/a --to html', 'Makes runs/a/model.html: open it in a browser.'],
    ['export a.safetensors --to html --title Birds', 'Makes a.html, with a heading.'],
  ],
  notes:
    'The page has everything inside, the engine, the model and decoders for PNG, JPEG and WebP. It works offline, also opened from a ' +
    'disk, with pictures and with the camera. It finds what "simdnet predict --tier simd" finds, digit for digit.',
  run: async ({ to, out, title, json, best, imageFit }, { operands }) => {
    if (operands.length !== 1) throw new OptionError('Name one run or model to export.');
    const [{ modelFile }, { titleOf }, { fitFor }] = await Promise.all([
      import('../modelFile.ts'),
      import('../export/title.ts'),
      import('../pictures/fitFor.ts'),
    ]);
    const path = await modelFile(operands[0]!, best);
    const { format } = await EXPORT_FORMATS[to]();
    const target = out ?? `${path.slice(0, path.length - extname(path).length)}${format.extension}`;
    if (extname(target).toLowerCase() !== format.extension)
      throw new OptionError(`--out must end in ${format.extension}, not be ${JSON.stringify(target)}.`);
    const [{ readWhole }, { writeFileAtomic }, { isCheckpoint }, { decodeModel }] = await Promise.all([
      import('../../files/readFile.ts'),
      import('../../files/writeFile.ts'),
      import('../../training/checkpointFile.ts'),
      import('../../training/modelFile.ts'),
    ]);
    const bytes = new Uint8Array(await readWhole(path));
    if (isCheckpoint(bytes, path))
      throw new OptionError(`${path} is a checkpoint: name its run, or the model.safetensors of the run.`);
    const model = decodeModel(bytes, path);
    const { content, contents } = await format.encode({
      model,
      bytes,
      path,
      title: title ?? titleOf(path),
      fit: imageFit ?? (await fitFor(model, path)),
    });
    await writeFileAtomic(target, content);
    const size = typeof content === 'string' ? Buffer.byteLength(content) : content.length;
    if (json) {
      printJson({ file: target, model: path, bytes: size });
      return;
    }
    const terminal = new Terminal(process.stdout);
    terminal.print(target);
    terminal.print(terminal.paint('dim', `${sizeOf(size)}: ${contents}`));
  },
});
