import { OptionError } from '../../errors.ts';
import { presetNamed } from '../../networks/registry.ts';
import { buildNetwork, type Network } from '../../nn/network.ts';
import { summarize, summaryJson } from '../../training/summary.ts';
import { defineCommand } from '../command.ts';
import { printJson } from '../json.ts';
import { batchSizeOption, engineOptions } from '../modelOptions.ts';
import { isFile, layersOf, networkName, networkNames } from '../networkOptions.ts';
import { checkMomentum, optimizerChoice } from '../optimizerOptions.ts';
import { flag, imageShape, optional, text, wholeNumber, type Values } from '../options.ts';
import { folderName, imageSizeOptions } from '../pictures/folderOptions.ts';
import { Terminal } from '../terminal.ts';

const GROUP = 'Memory:';

const options = {
  network: optional('Network:', `${networkNames}.`, networkName, 'tutorial'),
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
  'image-size': { ...imageSizeOptions['image-size'], group: 'Network:' },
  model: optional('Network:', 'A model file, instead of a network.', text),
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
    ['summary FOLDER', 'The network for pictures of your own.'],
  ],
  run: async (typed, { operands }) => {
    checkChoice(typed, operands);
    const values = await ofFolder(typed, operands[0]);
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

/** @throws OptionError for options that do not go together */
function checkChoice(values: Values<typeof options>, operands: readonly string[]): void {
  if (operands.length > 1) throw new OptionError('Name one folder of pictures at most.');
  if (operands.length === 0 && values.imageSize !== undefined)
    throw new OptionError('--image-size is for folders of pictures: name one, or leave it out.');
  const own = { model: values.model, 'input-shape': values.inputShape, classes: values.classes };
  const [told] = Object.entries(own).find(([, value]) => value !== undefined) ?? [];
  if (operands.length > 0 && told !== undefined)
    throw new OptionError(`Name a folder of pictures or give --${told}, not both.`);
  const { network, model, inputShape, classes, memory, batchSize, momentum, ema, threads } = values;
  if (network !== undefined && model !== undefined) {
    throw new OptionError('Give --network or --model, not both.');
  }
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

/** The options with the size of images and the classes of a folder, if there is one. @throws DataError */
async function ofFolder(
  values: Values<typeof options>,
  folder: string | undefined,
): Promise<Values<typeof options>> {
  if (folder === undefined) return values;
  const { folderTask } = await import('../pictures/folderDataset.ts');
  const choice = { dataset: folderName(folder), imageSize: values.imageSize };
  const { inputShape, classes } = await folderTask(choice);
  return { ...values, inputShape: inputShape as [number, number, number], classes };
}

async function networkOf({
  network = 'tutorial',
  model,
  ...given
}: Values<typeof options>): Promise<Network> {
  if (model !== undefined) {
    const { loadModel } = await import('../../training/modelOnDisk.ts');
    return (await loadModel(model)).network;
  }
  const own = isFile(network) ? { inputShape: [], classes: 0 } : presetNamed(network);
  const { inputShape = own.inputShape, classes = own.classes } = given;
  return buildNetwork(await layersOf(network, { inputShape, classes }));
}

async function memoryOf(network: Network, values: Values<typeof options>) {
  const { planMemory } = await import('../memoryTable.ts');
  const { batchSize = 64, threads, optimizer, momentum, ema } = values;
  return planMemory(network, { batchSize, threads, choice: { optimizer, momentum, ema } });
}
