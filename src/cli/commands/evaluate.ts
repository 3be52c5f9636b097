import type { Model } from '../../training/model.ts';
import type { Evaluation } from '../../training/options.ts';
import { defineCommand } from '../command.ts';
import { checkChoice, datasetOptions, definitionOf, loadTest, taskOf } from '../datasets.ts';
import { Reporter } from '../evaluate/reporter.ts';
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
import { optional, text } from '../options.ts';
import { Terminal } from '../terminal.ts';
import { count, duration, loss as lossText, rate } from '../units.ts';

export const command = defineCommand({
  options: {
    model: modelOption,
    ...datasetOptions,
    'batch-size': { ...batchSizeOption, group: 'Engine:' },
    ...engineOptions,
    report: optional(
      'Output:',
      'A folder for a report: scores of each class, confusion matrix, calibration and the surest mistakes.',
      text,
    ),
    ...jsonOption,
  },
  examples: [
    ['evaluate --model runs/a/model.safetensors', 'Its accuracy on the CIFAR-10 test images.'],
    ['evaluate --model FILE --report runs/a', 'What it takes for what, in figures and tables.'],
    ['evaluate --model a.safetensors --json', 'All digits, as one line of JSON.'],
  ],
  run: async ({ model: path, threads, tier, turbo, conv, batchSize, report: folder, json, ...choice }) => {
    checkChoice(choice);
    const { loadModel } = await import('../../training/modelOnDisk.ts');
    const options = { tier: chosenTier(tier, turbo), convolution: conv, ...(threads && { threads }) };
    const model = await loadModel(path, options);
    const { mustFit } = await import('../fits.ts');
    mustFit(model.network, await taskOf(choice), path);
    const reporter =
      folder === undefined ? undefined : await Reporter.begin(folder, model.network.outputShape[0]!);
    const terminal = new Terminal(json ? process.stderr : process.stdout);
    try {
      const { test, source } = await loadTest(choice, {});
      const warning = classMismatch(model, test, choice.dataset);
      if (warning) process.stderr.write(`${warning}\n`);
      if (!json)
        terminal.print(`${count(test.count)} test images of ${definitionOf(choice).name} (${source})`);
      const begin = performance.now();
      const evaluation = await model.evaluate(test.images, test.labels, {
        batchSize,
        onBatchEnd: (_batch, { seen, total }) => {
          reporter?.signal.throwIfAborted();
          terminal.draw((width) => evaluationLine(seen, total, width));
        },
      });
      terminal.clear();
      const seconds = (performance.now() - begin) / 1000;
      if (!json) printEvaluation(terminal, model, evaluation, seconds);
      const facts = { model: path, dataset: definitionOf(choice).name, source };
      const report = await reporter?.report(model, test, { batchSize, evaluation, facts, terminal });
      if (json) printJson(report?.record ?? evaluation);
      else if (report) terminal.print(report.text);
    } finally {
      terminal.clear();
      await reporter?.end();
      await model.dispose();
    }
  },
});

function printEvaluation(terminal: Terminal, model: Model, evaluation: Evaluation, seconds: number): void {
  terminal.print(`Test loss = ${lossText(evaluation.loss)}`);
  terminal.print(`Test accuracy = ${terminal.paint('bold', evaluation.accuracy!.toFixed(3))}`);
  const { threads, tier } = model.engine!;
  const speed = rate(evaluation.count / seconds);
  terminal.print(
    terminal.paint('dim', `${duration(seconds)}, ${speed} images/s, ${threads} threads, ${tier} engine`),
  );
}
