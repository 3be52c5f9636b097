import { extname } from 'node:path';
import type { Dataset } from '../../data/dataset.ts';
import { OptionError } from '../../errors.ts';
import type { Tensor } from '../../nn/parameters.ts';
import type { Layout } from '../../nn/shape.ts';
import type { Model } from '../../training/model.ts';
import { predictViews } from '../../recipes/views.ts';
import { defineCommand } from '../command.ts';
import {
  checkChoice,
  datasetOptions,
  loadTestImage,
  mustHaveTestImages,
  taskOf,
  type DatasetChoice,
} from '../datasets.ts';
import {
  batchSizeOption,
  chosenTier,
  classMismatch,
  engineOptions,
  jsonOption,
  modelOption,
} from '../modelOptions.ts';
import { importOptions, networkGiven } from '../importing.ts';
import { printJson } from '../json.ts';
import { flag, oneOf, optional, text, wholeNumber, type Values } from '../options.ts';
import { imageFitOption } from '../pictures/folderOptions.ts';
import { mustFitDefault } from '../pictures/unnamedFolder.ts';
import type { Prediction } from '../prediction.ts';
import type { RowFormat } from '../predict/rows.ts';
import { FAILED } from '../report.ts';
import { Terminal } from '../terminal.ts';
import { bar, firstThatFits, printable } from '../text.ts';
import { count, duration, rate } from '../units.ts';
import { ttaOption, viewsFor } from '../views.ts';

/** How many classes are listed, but in CSV, which has a few columns for each. */
const TOP = 3;

const options = {
  model: modelOption,
  ...ttaOption,
  ...importOptions,
  input: optional(
    'Data:',
    'A safetensors file with the tensor "input" instead of pictures; --output gets the tensor "output".',
    text,
  ),
  layout: optional(
    'Data:',
    'How its images lie: nhwc or nchw.',
    oneOf<Layout>('nhwc', 'nchw'),
    "that of the model's own program",
  ),
  index: optional('Data:', 'Which test image to take, if no picture is named.', wholeNumber(), '0'),
  ...datasetOptions,
  ...imageFitOption,
  'batch-size': { ...batchSizeOption, group: 'Engine:' },
  ...engineOptions,
  top: optional(
    'Output:',
    'How many classes to list, the most probable first.',
    wholeNumber(1),
    '3; in CSV 1',
  ),
  probabilities: flag('Output:', 'Give the probability of every class too, in CSV and JSON Lines.'),
  format: optional(
    'Output:',
    'text, csv, or jsonl for JSON Lines.',
    oneOf<RowFormat>('text', 'csv', 'jsonl'),
    'text for one picture, else csv',
  ),
  output: optional('Output:', 'The file for it, .csv or .jsonl; for --input .safetensors.', text, 'stdout'),
  ...jsonOption,
};

type PredictValues = Values<typeof options>;

export const command = defineCommand({
  options,
  examples: [
    ['predict --model FILE cat.jpg', 'What is on a picture.'],
    ['predict --model FILE photos --output a.csv', 'On all pictures in a folder and those in it.'],
    ['predict --model a.onnx --input x.safetensors --output y.safetensors', 'What it makes of numbers.'],
    ['predict --model FILE --index 7', 'A test image: is the answer right?'],
  ],
  notes:
    'A picture that cannot be read does not end it: it is told on stderr and has a row with the error, and the exit code is 1 in the end.',
  run: async (typed, { operands, given }) => {
    checkValues(typed, operands);
    if (typed.input !== undefined && given.has('dataset'))
      throw new OptionError('--dataset is for pictures, not for --input.');
    const { threads, tier, turbo, conv, network, softmax, input } = typed;
    const { modelFile, givenModel } = await import('../modelFile.ts');
    const path = await modelFile(typed.model);
    const values = { ...typed, model: path };
    const engine = { tier: chosenTier(tier, turbo), convolution: conv, ...(threads && { threads }) };
    const model = await givenModel(path, {
      ...engine,
      softmax,
      compile: false,
      ...(await networkGiven(network)),
    });
    const { mustClassify, mustFit } = await import('../fits.ts');
    try {
      if (input !== undefined) {
        await predictNumbers(model, input, values);
      } else if (operands.length > 0) {
        mustClassify(model.network, path);
        await predictFiles(model, operands, values);
      } else {
        if (given.has('dataset')) mustFit(model.network, await taskOf(values), path);
        else await mustFitDefault(model, path, values, 'simdnet predict');
        await predictTestImage(model, values);
      }
    } finally {
      await model.dispose();
    }
  },
});

/** @throws OptionError for options that are for pictures */
function checkInput(
  { index, output, format, layout, input, imageFit, tta, top, probabilities, dataDir }: PredictValues,
  operands: readonly string[],
): void {
  if (input === undefined) {
    if (layout !== undefined)
      throw new OptionError('--layout is for --input: images in files lie in one way only.');
    return;
  }
  if (operands.length > 0) throw new OptionError('Name images or give --input, not both.');
  if (output === undefined)
    throw new OptionError('--input needs --output, the safetensors file for what the network makes of it.');
  const others = {
    index,
    format,
    'image-fit': imageFit,
    tta: tta || undefined,
    top,
    probabilities: probabilities || undefined,
    'data-dir': dataDir,
  };
  const given = Object.entries(others).find(([, value]) => value !== undefined);
  if (given) throw new OptionError(`--${given[0]} is for pictures, not for --input.`);
}

/** @throws OptionError, FormatError for what is not for the model */
async function predictNumbers(
  model: Model,
  input: string,
  { output, layout, batchSize, json }: PredictValues,
): Promise<void> {
  const { predictTensor } = await import('../predict/predictTensor.ts');
  const result = await predictTensor(model, { input, output: output!, layout, batchSize });
  if (json) printJson({ file: output, ...result });
  else new Terminal(process.stdout).print(`${output!}: [${result.shape.join(', ')}], ${result.layout}`);
}

function checkValues(values: PredictValues, operands: readonly string[]): void {
  const { index, json, format, output, probabilities, imageFit, ...choice } = values;
  checkInput(values, operands);
  if (values.input !== undefined) return;
  checkChoice(choice);
  if (operands.length > 0 && index !== undefined) {
    throw new OptionError('Name images or give --index, not both.');
  }
  if (operands.length === 0) {
    mustHaveTestImages(values);
    const given = Object.entries({ format, output, 'image-fit': imageFit }).find(
      ([, value]) => value !== undefined,
    );
    if (given) throw new OptionError(`--${given[0]} is for pictures: name some, or a folder of them.`);
  }
  if (json && format !== undefined && format !== 'jsonl') {
    throw new OptionError(`Give --json or --format ${format}, not both.`);
  }
  if (output !== undefined && (format ?? (json ? 'jsonl' : formatOf(output))) === undefined) {
    throw new OptionError(
      `--output must end in .csv or .jsonl, not be ${JSON.stringify(output)}; or give --format too.`,
    );
  }
  if (probabilities && format === 'text') {
    throw new OptionError('--probabilities is for --format csv and jsonl; for people, give a large --top.');
  }
}

/** By the name of a file. */
function formatOf(path: string): RowFormat | undefined {
  return ({ '.csv': 'csv', '.jsonl': 'jsonl' } as const)[extname(path).toLowerCase()];
}

async function chosenFormat(
  { json, format, output, probabilities }: PredictValues,
  operands: readonly string[],
): Promise<RowFormat> {
  const chosen = format ?? (json ? 'jsonl' : output && formatOf(output));
  if (chosen) return chosen;
  const { isFolder } = await import('../../data/pictures/pictureFiles.ts');
  const one = operands.length === 1 && !(await isFolder(operands[0]!));
  return one && !probabilities ? 'text' : 'csv';
}

async function predictTestImage(model: Model, values: PredictValues): Promise<void> {
  const { index = 0, json, top = TOP, probabilities: all } = values;
  const image: Dataset = await loadTestImage(values, index);
  const warning = classMismatch(model, image, values.dataset);
  if (warning) process.stderr.write(`${warning}\n`);
  const predict = await predictorOf(model, values);
  const { data } = await predict(image.images);
  const classNames = model.classNames ?? image.classNames;
  const prediction: Prediction = {
    image: { index },
    probabilities: data,
    classNames,
    actual: { label: image.labels[0]!, name: image.classNames[image.labels[0]!]! },
  };
  const { rowsOf } = await import('../predict/rows.ts');
  const setting = { top, all, classNames, classes: data.length };
  const rows = rowsOf(json || all ? 'jsonl' : 'text', setting, new Terminal(process.stdout));
  process.stdout.write(rows.prediction(prediction));
}

/** What the network makes of images: looked at once, or several times. */
async function predictorOf(
  model: Model,
  { model: path, tta, batchSize }: PredictValues,
): Promise<(images: Uint8Array) => Promise<Tensor>> {
  if (!tta) return (images) => model.predict(images, { batchSize });
  const views = await viewsFor(path);
  return (images) => predictViews(model, images, { views, batchSize });
}

/** @throws OptionError if the model takes no pictures; EngineError; SimdnetError if the output cannot be written */
async function predictFiles(model: Model, operands: readonly string[], values: PredictValues): Promise<void> {
  const { model: path, output: file, batchSize, top, probabilities: all } = values;
  const { inputShape, outputShape } = model.network;
  if (inputShape[2] !== 3 && inputShape[2] !== 1) {
    throw new OptionError(
      `${path} takes [${inputShape.join(', ')}], which is neither a colour nor a grey image.`,
    );
  }
  const format = await chosenFormat(values, operands);
  const [{ findPictures }, { rowsOf }, { openOutput }, { predictPictures }, { fitFor }] = await Promise.all([
    import('../../data/pictures/pictureFiles.ts'),
    import('../predict/rows.ts'),
    import('../predict/output.ts'),
    import('../predict/predictPictures.ts'),
    import('../pictures/fitFor.ts'),
  ]);
  const { pictures, passedOver } = await findPictures(operands);
  const classes = outputShape[0]!;
  const classNames = model.classNames ?? (await namesFor(values, classes));
  const setting = { top: top ?? (format === 'csv' ? 1 : TOP), all, classNames, classes };
  const rows = rowsOf(format, setting, new Terminal(process.stdout));
  // Lines that are drawn over and over must not get between rows.
  const terminal = new Terminal(file === undefined || values.json ? process.stderr : process.stdout);
  const drawn = file !== undefined || !process.stdout.isTTY;
  const output = await openOutput(file);
  const begin = performance.now();
  try {
    const failed = await predictPictures(model, pictures, {
      predict: await predictorOf(model, values),
      batchSize,
      classNames,
      fit: values.imageFit ?? (await fitFor(model, path)),
      rows,
      output,
      onFailure: (reason) => {
        terminal.clear();
        process.stderr.write(`simdnet: ${printable(reason)}\n`);
      },
      onProgress: (done) => {
        if (drawn) terminal.draw((width) => progressLine(done, pictures.length, width));
      },
    });
    terminal.clear();
    if (failed > 0) process.exitCode = FAILED;
    if (file === undefined && (format === 'text' || !terminal.live)) return;
    const seconds = (performance.now() - begin) / 1000;
    for (const line of summary(pictures.length, failed, passedOver, seconds)) terminal.print(line);
    if (file !== undefined) terminal.print(`Predictions: ${file}`);
  } finally {
    terminal.clear();
    await output.discard();
  }
}

function progressLine(done: number, total: number, width: number): string {
  const share = `${Math.floor((100 * done) / total)}% of ${count(total)} pictures`;
  return firstThatFits(width, [`Predicting ${bar(done / total, 24)} ${share}`, `Predicting ${share}`]);
}

function summary(total: number, failed: number, passedOver: number, seconds: number): string[] {
  const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
  return [
    `${counted(total, 'picture')}, ${duration(seconds)}, ${rate(total / seconds)} images/s`,
    ...(failed > 0 ? [`${count(failed)} of them could not be read`] : []),
    ...(passedOver > 0 ? [`${counted(passedOver, 'other file')} passed over`] : []),
  ];
}

/** What the classes of a model that does not say are called, if the dataset has as many: other names would be worse than none. */
async function namesFor(choice: DatasetChoice, outputs: number): Promise<readonly string[]> {
  const { classes, classNames } = await taskOf(choice);
  return classes === outputs ? classNames : [];
}
