import { OptionError } from '../../errors.ts';
import type { Layout } from '../../nn/shape.ts';
import { defineCommand } from '../command.ts';
import { EXPORT_FORMATS, type ExportFormatName } from '../export/formats.ts';
import { importOptions, networkGiven } from '../importing.ts';
import { printJson } from '../json.ts';
import { flag, oneOf, optional, required, text } from '../options.ts';
import { imageFitOption } from '../pictures/folderOptions.ts';
import { Terminal } from '../terminal.ts';
import { sizeOf } from '../units.ts';

const formatNames = Object.keys(EXPORT_FORMATS) as ExportFormatName[];

export const command = defineCommand({
  options: {
    to: required(
      'Output:',
      'What to make of it: onnx; keras, a .keras file; tfjs, a folder; pytorch, a class with a state_dict; or html, a page that needs no network.',
      oneOf(...formatNames),
    ),
    out: optional('Output:', 'The file, or the folder of a tfjs model.', text, 'beside the model'),
    layout: optional(
      'Output:',
      'How the images lie that an ONNX model takes: nhwc or nchw.',
      oneOf<Layout>('nhwc', 'nchw'),
      "that of the model's own program",
    ),
    title: optional('Output:', 'The heading of the page.', text, 'the name of the model or its run'),
    json: flag('Output:', 'Print one line of JSON, for programs.'),
    best: flag('Model:', 'Take best.safetensors of a run, which --save-best keeps, not model.safetensors.'),
    ...importOptions,
    ...imageFitOption,
  },
  examples: [
    ['export runs/a --to html', 'Makes runs/a/model.html: open it in a browser.'],
    ['export runs/a --to onnx', 'Makes runs/a/model.onnx, for ONNX Runtime.'],
    ['export runs/a --to tfjs --out public/model', 'A folder for tf.loadLayersModel.'],
    ['export a.safetensors --to html --title Birds', 'Makes a.html, with a heading.'],
  ],
  notes:
    'The page has everything inside, the engine, the model and decoders for PNG, JPEG and WebP. It works offline, also opened from a ' +
    'disk, with pictures and with the camera. It finds what "simdnet predict --tier simd" finds, digit for digit. docs/exchange.md ' +
    'tells what goes into the other formats.',
  run: async ({ to, out, layout, title, json, best, imageFit, network, softmax }, { operands }) => {
    if (operands.length !== 1) throw new OptionError('Name one run or model to export.');
    if (layout !== undefined && to !== 'onnx')
      throw new OptionError(`--layout is for --to onnx: a model for ${to} takes its images in one way only.`);
    if (title !== undefined && to !== 'html') throw new OptionError('--title is for --to html.');
    const [{ modelFile, givenModel }, { titleOf }, { fitFor }, { writeExport }] = await Promise.all([
      import('../modelFile.ts'),
      import('../export/title.ts'),
      import('../pictures/fitFor.ts'),
      import('../export/write.ts'),
    ]);
    const path = await modelFile(operands[0]!, best);
    const model = await givenModel(path, { softmax, ...(await networkGiven(network)) });
    const fit = imageFit ?? (await fitFor(model, path));
    const { paths, bytes, contents } = await writeExport(to, out, {
      model,
      path,
      title: title ?? titleOf(path),
      fit,
      layout,
    });
    if (json) {
      printJson({ file: paths[0], files: paths, model: path, bytes });
      return;
    }
    const terminal = new Terminal(process.stdout);
    for (const each of paths) terminal.print(each);
    terminal.print(terminal.paint('dim', `${sizeOf(bytes)}: ${contents}`));
  },
});
