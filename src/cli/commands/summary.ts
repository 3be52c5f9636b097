import { OptionError } from '../../errors.ts';
import { presetNamed } from '../../networks/registry.ts';
import { buildNetwork, type Network } from '../../nn/network.ts';
import { summarize, summaryJson } from '../../training/summary.ts';
import { defineCommand } from '../command.ts';
import { checkChoice, optionalDatasetOptions, taskOf } from '../datasets.ts';
import { mustFit } from '../fits.ts';
import { networkGiven } from '../importing.ts';
import { printJson } from '../json.ts';
import { batchSizeOption, engineOptions } from '../modelOptions.ts';
import { isFile, networkName, networkNames, partsOf } from '../networkOptions.ts';
import { checkMomentum, optimizerChoice } from '../optimizerOptions.ts';
import { flag, imageShape, optional, text, wholeNumber, type Values } from '../options.ts';
import { imageSizeOptions, isFolderName } from '../pictures/folderOptions.ts';
import { withFolder } from '../pictures/withFolder.ts';
import { Terminal } from '../terminal.ts';

const GROUP = 'Memory:';

const options = {
  network: optional(
    'Network:',
    `${networkNames}. With --model, that of a PyTorch state_dict.`,
    networkName,
    'tutorial',
  ),
  'input-shape': optional(
    'Network:',
    'The size of the images: height,width,channels.',
    imageShape,
    'what the network was made for',
  ),
  classes: optional(
    'Network:',
    'How many classes there are.',
    wholeNumber(1),
    'what the network was made for',
  ),
  model: optional('Network:', 'A run or the file of a model, instead of a network.', text),
  ...optionalDatasetOptions,
  'image-size': { ...imageSizeOptions['image-size'], group: 'Data:' },
  memory: flag(GROUP, 'Show what engine memory training and prediction take.'),
  'batch-size': optional(GROUP, 'Images in a step.', wholeNumber(1), batchSizeOption.defaultText),
  optimizer: { ...optimizerChoice.optimizer, group: GROUP },
  momentum: { ...optimizerChoice.momentum, group: GROUP },
  ema: { ...optimizerChoice.ema, group: GROUP },
  threads: { ...engineOptions.threads, group: GROUP },
  json: flag('Output:', 'Print one line of JSON, for programs.'),
};

export const command = defineCommand({
  options,
  examples: [
    ['summary', 'The network that train trains.'],
    ['summary --network resnet18 --memory', 'How much memory it takes.'],
    ['summary --model runs/a/model.safetensors', 'The network of a saved model.'],
    ['summary --dataset cifar100', 'The network for a dataset: its images and classes.'],
    ['summary FOLDER', 'The network for pictures of your own.'],
  ],
  run: async (typed, { operands, given }) => {
    const { values } = withFolder(typed, operands, given);
    checkValues(values);
    const network = await networkOf(values);
    const memory = values.memory ? await memoryOf(network, values) : undefined;
    if (values.json) {
      printJson({ ...summaryJson(network), ...(memory && { memory: memory.json }) });
      return;
    }
    const terminal = new Terminal(process.stdout);
    terminal.print(summarize(network, terminal.width));
    if (memory) terminal.print(`\n${memory.text(terminal.width)}`);
  },
});

type SummaryValues = Values<typeof options>;

/** @throws OptionError for options that do not go together */
function checkValues(values: SummaryValues): void {
  const { dataset, dataDir, imageSize } = values;
  if (dataset !== undefined) {
    checkChoice({ dataset, dataDir, imageSize });
    const own = { model: values.model, 'input-shape': values.inputShape, classes: values.classes };
    const [told] = Object.entries(own).find(([, value]) => value !== undefined) ?? [];
    const chosen = isFolderName(dataset) ? 'Name a folder of pictures or give' : 'Give --dataset or';
    if (told !== undefined) throw new OptionError(`${chosen} --${told}, not both.`);
  } else if (dataDir !== undefined) throw new OptionError('--data-dir goes with --dataset: give that too.');
  else if (imageSize !== undefined)
    throw new OptionError('--image-size is for folders of pictures: name one, or leave it out.');
  const { network, model, inputShape, classes, memory, batchSize, momentum, ema, threads } = values;
  const file = model ?? (network !== undefined && isFile(network) ? network : undefined);
  if (file !== undefined && (inputShape !== undefined || classes !== undefined)) {
    const name = inputShape === undefined ? 'classes' : 'input-shape';
    throw new OptionError(`--${name} is for the networks that simdnet knows: ${file} says its own.`);
  }
  const idle = Object.entries({ 'batch-size': batchSize, momentum, ema, threads });
  const [name] = idle.find(([, value]) => value !== undefined) ?? [];
  if (!memory && name !== undefined) throw new OptionError(`--${name} goes with --memory: give that too.`);
  checkMomentum(values);
}

/** @throws OptionError if the network is not for the dataset; DataError, FormatError */
async function networkOf(values: SummaryValues): Promise<Network> {
  const { network: given, model, dataset, dataDir, imageSize } = values;
  if (model !== undefined) {
    const [{ loadModel }, { modelFile }] = await Promise.all([
      import('../../exchange/loadModel.ts'),
      import('../modelFile.ts'),
    ]);
    const options = { compile: false, ...(await networkGiven(given)) };
    return (await loadModel(await modelFile(model), options)).network;
  }
  const name = given ?? 'tutorial';
  const task = dataset === undefined ? undefined : await taskOf({ dataset, dataDir, imageSize });
  const { layers } = await partsOf(name, task ?? placeOf(name, values));
  const network = buildNetwork(layers);
  if (task) mustFit(network, task, name);
  return network;
}

/** What images a network is for, and how many classes: as it is said, and otherwise what it was made for. */
function placeOf(network: string, { inputShape, classes }: Pick<SummaryValues, 'inputShape' | 'classes'>) {
  const own = isFile(network) ? { inputShape: [], classes: 0 } : presetNamed(network);
  return { inputShape: inputShape ?? own.inputShape, classes: classes ?? own.classes };
}

async function memoryOf(network: Network, values: SummaryValues) {
  const { planMemory } = await import('../memoryTable.ts');
  const { batchSize = 64, threads, optimizer, momentum, ema } = values;
  return planMemory(network, { batchSize, threads, choice: { optimizer, momentum, ema } });
}
