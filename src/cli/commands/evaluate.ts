import { defineCommand } from '../command.ts';
import {
  checkChoice,
  datasetOptions,
  isFolder,
  knownTask,
  loadTest,
  type DatasetChoice,
  type KnownDataset,
} from '../datasets.ts';
import { evaluationLine } from '../evaluationLine.ts';
import { printJson } from '../json.ts';
import { leftOut } from '../pictures/decoding.ts';
import { folderOptions, withFolder } from '../pictures/folderOptions.ts';
import {
  batchSizeOption,
  chosenTier,
  classMismatch,
  engineOptions,
  jsonOption,
  modelOption,
} from '../modelOptions.ts';
import type { Model } from '../../training/model.ts';
import { Terminal } from '../terminal.ts';
import { count, duration, loss as lossText, rate } from '../units.ts';

export const command = defineCommand({
  options: {
    model: modelOption,
    ...datasetOptions,
    ...folderOptions,
    'batch-size': { ...batchSizeOption, group: 'Engine:' },
    ...engineOptions,
    ...jsonOption,
  },
  examples: [
    ['evaluate --model runs/a/model.safetensors', 'Its accuracy on the CIFAR-10 test images.'],
    ['evaluate --model a.safetensors --json', 'All digits, as one line of JSON.'],
    ['evaluate FOLDER --model FILE', 'On pictures of your own.'],
  ],
  notes:
    'Of a folder of pictures, those kept for the test are taken if it has a folder for them, if the model beside run.json was ' +
    'trained on it, or if --test-split is given; else all of them.',
  run: async (
    { model: path, threads, tier, turbo, conv, batchSize, json, ...typed },
    { operands, given },
  ) => {
    const { values: choice } = withFolder(typed, operands, given);
    checkChoice(choice);
    const { loadModel } = await import('../../training/modelOnDisk.ts');
    const options = { tier: chosenTier(tier, turbo), convolution: conv, ...(threads && { threads }) };
    const model = await loadModel(path, options);
    const terminal = new Terminal(json ? process.stderr : process.stdout);
    const { test, source, name, skipped, close } = await testOf(choice, model, path, terminal);
    const warning = classMismatch(model, test, name);
    if (warning) process.stderr.write(`${warning}\n`);
    if (!json) terminal.print(`${count(test.count)} test images of ${name} (${source})`);
    const begin = performance.now();
    try {
      const evaluation = await model.evaluate(test.images, test.labels, {
        batchSize,
        onBatchEnd: (_batch, { seen, total }) => {
          terminal.draw((width) => evaluationLine(seen, total, width));
        },
      });
      terminal.clear();
      if (json) {
        printJson(evaluation);
        return;
      }
      const seconds = (performance.now() - begin) / 1000;
      terminal.print(`Test loss = ${lossText(evaluation.loss)}`);
      terminal.print(`Test accuracy = ${terminal.paint('bold', evaluation.accuracy!.toFixed(3))}`);
      const { threads: used, tier: build } = model.engine!;
      const speed = rate(test.count / seconds);
      leftOut(skipped, terminal);
      terminal.print(
        terminal.paint('dim', `${duration(seconds)}, ${speed} images/s, ${used} threads, ${build} engine`),
      );
    } finally {
      terminal.clear();
      await close();
      await model.dispose();
    }
  },
});

/** What the model is tested with; whether it fits is known before images are read, where that is possible. */
async function testOf(choice: DatasetChoice, model: Model, path: string, terminal: Terminal) {
  const { mustClassify, mustFit } = await import('../fits.ts');
  if (!isFolder(choice)) {
    mustFit(model.network, knownTask(choice.dataset as KnownDataset), path);
    const name = choice.dataset;
    return { ...(await loadTest(choice, {})), name, skipped: [], close: () => Promise.resolve() };
  }
  mustClassify(model.network, path);
  const { loadFolderTest } = await import('../pictures/folderDataset.ts');
  const { classNames, network } = model;
  const tested = { path, inputShape: network.inputShape, classNames };
  const loaded = await loadFolderTest(choice, tested, { terminal });
  const { source: folder, classNames: names } = { ...loaded, ...loaded.test };
  mustFit(network, { name: folder, inputShape: network.inputShape, classes: names.length }, path);
  return { ...loaded, name: 'a folder' };
}
