import { defineCommand } from '../command.ts';
import { checkChoice, datasetOptions, definitionOf, loadTest, taskOf } from '../datasets.ts';
import { evaluationLine } from '../evaluationLine.ts';
import { printJson } from '../json.ts';
import {
  batchSizeOption,
  chosenTier,
  classMismatch,
  engineOptions,
  jsonOption,
  modelOption,
} from '../modelOptions.ts';
import { Terminal } from '../terminal.ts';
import { count, duration, loss as lossText, rate } from '../units.ts';

export const command = defineCommand({
  options: {
    model: modelOption,
    ...datasetOptions,
    'batch-size': { ...batchSizeOption, group: 'Engine:' },
    ...engineOptions,
    ...jsonOption,
  },
  examples: [
    ['evaluate --model runs/a/model.safetensors', 'Its accuracy on the CIFAR-10 test images.'],
    ['evaluate --model a.safetensors --json', 'All digits, as one line of JSON.'],
  ],
  run: async ({ model: path, threads, tier, turbo, conv, batchSize, json, ...choice }) => {
    checkChoice(choice);
    const { loadModel } = await import('../../training/modelOnDisk.ts');
    const options = { tier: chosenTier(tier, turbo), convolution: conv, ...(threads && { threads }) };
    const model = await loadModel(path, options);
    const { mustFit } = await import('../fits.ts');
    mustFit(model.network, await taskOf(choice), path);
    const terminal = new Terminal(json ? process.stderr : process.stdout);
    const { test, source } = await loadTest(choice, {});
    const warning = classMismatch(model, test, choice.dataset);
    if (warning) process.stderr.write(`${warning}\n`);
    if (!json) terminal.print(`${count(test.count)} test images of ${definitionOf(choice).name} (${source})`);
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
      terminal.print(
        terminal.paint('dim', `${duration(seconds)}, ${speed} images/s, ${used} threads, ${build} engine`),
      );
    } finally {
      terminal.clear();
      await model.dispose();
    }
  },
});
