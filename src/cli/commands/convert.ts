import { extname } from 'node:path';
import { IMPORT_FORMATS, type ExchangeFormatName } from '../../exchange/format.ts';
import { OptionError } from '../../errors.ts';
import type { Layout } from '../../nn/shape.ts';
import type { Model } from '../../training/model.ts';
import { defineCommand } from '../command.ts';
import type { ExportFormatName } from '../export/formats.ts';
import type { Written } from '../export/write.ts';
import { importOptions, networkGiven } from '../importing.ts';
import { printJson } from '../json.ts';
import { flag, oneOf, optional } from '../options.ts';
import { Terminal } from '../terminal.ts';
import { count, sizeOf } from '../units.ts';

/** What is made of a model, by the extension of the file; of a name without one, a folder. */
const BY_EXTENSION: Readonly<Record<string, ExportFormatName>> = {
  '.onnx': 'onnx',
  '.keras': 'keras',
  '.json': 'tfjs',
  '': 'tfjs',
  '.py': 'pytorch',
  '.html': 'html',
};

export const command = defineCommand({
  options: {
    format: optional(
      'Model:',
      `Of which program IN is: ${IMPORT_FORMATS.join(', ')}.`,
      oneOf<ExchangeFormatName>(...IMPORT_FORMATS),
      'what its bytes and its name say',
    ),
    ...importOptions,
    layout: optional(
      'Output:',
      'How the images lie that an ONNX model takes: nhwc or nchw.',
      oneOf<Layout>('nhwc', 'nchw'),
      "that of the model's own program",
    ),
    json: flag('Output:', 'Print one line of JSON, for programs.'),
  },
  examples: [
    ['convert model.onnx model.safetensors', 'An ONNX model becomes one of simdnet.'],
    ['convert model.keras web', 'A Keras model becomes one for tfjs, in the folder web.'],
    ['convert w.safetensors m.safetensors --network net.json', 'Weights of PyTorch, with their network.'],
  ],
  notes:
    'IN is an ONNX model (.onnx), a Keras model (.keras, .h5), the model.json of a tfjs layers model or its folder, the safetensors of a ' +
    'PyTorch state_dict, a run, or a model of simdnet. OUT says by its extension what it becomes: .safetensors, .onnx, .keras, .py for ' +
    'PyTorch, .html, or a folder for tfjs. docs/exchange.md tells what goes where.',
  run: async ({ format, network, softmax, layout, json }, { operands }) => {
    const [from, out, ...others] = operands;
    if (from === undefined || out === undefined || others.length > 0)
      throw new OptionError('Name two files: the model to convert, and what it becomes.');
    const to = formatOf(out);
    if (layout !== undefined && to !== 'onnx')
      throw new OptionError('--layout is for ONNX models: others take their images in one way only.');
    const { modelFile, givenModel } = await import('../modelFile.ts');
    const path = await modelFile(from);
    const model = await givenModel(path, { format, softmax, ...(await networkGiven(network)) });
    const { paths, bytes } = await write(model, to, out, path, layout);
    const { layers, parameterCount, inputShape } = model.network;
    if (json) {
      printJson({ file: paths[0], files: paths, model: path, bytes, layers: layers.length, parameterCount });
      return;
    }
    const terminal = new Terminal(process.stdout);
    for (const each of paths) terminal.print(each);
    const what = `${count(layers.length)} layers, ${count(parameterCount)} parameters, ${inputShape.join('×')} images, ${sizeOf(bytes)}`;
    terminal.print(terminal.paint('dim', what));
  },
});

/** @throws OptionError for a model that the format has no place for; SimdnetError if a file cannot be written */
async function write(
  model: Model,
  to: ExportFormatName | 'simdnet',
  out: string,
  path: string,
  layout: Layout | undefined,
): Promise<Pick<Written, 'paths' | 'bytes'>> {
  if (to === 'simdnet') {
    const [{ encodeModel }, { writeFileAtomic }] = await Promise.all([
      import('../../training/modelFile.ts'),
      import('../../files/writeFile.ts'),
    ]);
    const content = encodeModel(model);
    await writeFileAtomic(out, content);
    return { paths: [out], bytes: content.length };
  }
  const [{ writeExport }, { titleOf }, { fitFor }] = await Promise.all([
    import('../export/write.ts'),
    import('../export/title.ts'),
    import('../pictures/fitFor.ts'),
  ]);
  const fit = await fitFor(model, path);
  return writeExport(to, out, { model, path, title: titleOf(path), fit, layout });
}

/** @throws OptionError for an extension that says nothing */
function formatOf(out: string): ExportFormatName | 'simdnet' {
  const extension = extname(out).toLowerCase();
  if (extension === '.safetensors') return 'simdnet';
  const found = BY_EXTENSION[extension];
  if (found) return found;
  throw new OptionError(
    `${JSON.stringify(out)} must end in .safetensors, .onnx, .keras, .py, .html, or .json for tfjs, or be a folder for tfjs.`,
  );
}
