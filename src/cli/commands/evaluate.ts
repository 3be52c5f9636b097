import type { Model } from '../../training/model.ts';
import type { Evaluation } from '../../training/options.ts';
import { accuracyOf, predictViews, type ViewsEvaluation } from '../../recipes/views.ts';
import { defineCommand } from '../command.ts';
import { checkChoice, datasetOptions, definitionOf, loadTest } from '../datasets.ts';
import { Reporter } from '../evaluate/reporter.ts';
import { evaluationLine } from '../evaluationLine.ts';
import { printJson } from '../json.ts';
import { leftOut } from '../pictures/decoding.ts';
import { folderOptions } from '../pictures/folderOptions.ts';
import { mustFitDefault } from '../pictures/unnamedFolder.ts';
import { withFolder } from '../pictures/withFolder.ts';
import {
  batchSizeOption,
  chosenTier,
  classMismatch,
  engineOptions,
  jsonOption,
  modelOption,
} from '../modelOptions.ts';
import { importOptions, networkGiven } from '../importing.ts';
import { optional, text } from '../options.ts';
import { Terminal } from '../terminal.ts';
import { count, duration, loss as lossText, rate } from '../units.ts';
import { ttaOption, viewsFor, viewsText } from '../views.ts';

export const command = defineCommand({
  options: {
    model: modelOption,
    ...importOptions,
    ...ttaOption,
    ...datasetOptions,
    ...folderOptions,
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
    ['evaluate --model runs/a --tta', 'Looks at each image six times.'],
    ['evaluate --model a.safetensors --json', 'All digits, as one line of JSON.'],
    ['evaluate FOLDER --model FILE', 'On pictures of your own.'],
  ],
  notes:
    'Of a folder of pictures, those kept for the test are taken if it has a folder for them, if the model beside run.json was ' +
    'trained on it, or if --test-split is given; else all of them.',
  run: async (
    {
      network,
      softmax,
      model: modelOrRun,
      tta,
      threads,
      tier,
      turbo,
      conv,
      batchSize,
      report: folder,
      json,
      ...typed
    },
    { operands, given },
  ) => {
    const { values: choice, given: named } = withFolder(typed, operands, given);
    checkChoice(choice);
    const { modelFile, givenModel } = await import('../modelFile.ts');
    const path = await modelFile(modelOrRun);
    const options = { tier: chosenTier(tier, turbo), convolution: conv, ...(threads && { threads }) };
    const model = await givenModel(path, {
      ...options,
      softmax,
      // Classifiers are judged alike, whatever they were trained towards.
      compile: false,
      ...(await networkGiven(network)),
    });
    const reporter =
      folder === undefined ? undefined : await Reporter.begin(folder, model.network.outputShape[0]!);
    const terminal = new Terminal(json ? process.stderr : process.stdout);
    let close: (() => Promise<void>) | undefined;
    try {
      const { network, classNames, imageFit } = model;
      if (!named.has('dataset')) await mustFitDefault(model, path, choice, 'simdnet evaluate');
      const tested = { path, network, classNames, imageFit };
      const loaded = await loadTest(choice, tested, { decoding: { terminal } });
      const { test, source, files, skipped = [] } = loaded;
      ({ close } = loaded);
      const { name } = definitionOf(choice);
      const warning = classMismatch(model, test, name);
      if (warning) process.stderr.write(`${warning}\n`);
      if (!json) terminal.print(`${count(test.count)} test images of ${name} (${source})`);
      const draw = (seen: number, total: number): void => {
        reporter?.signal.throwIfAborted();
        terminal.draw((width) => evaluationLine(seen, total, width));
      };
      const begin = performance.now();
      const evaluation = await model.evaluate(test.images, test.labels, {
        batchSize,
        onBatchEnd: (_batch, { seen, total }) => {
          draw(seen, total);
        },
      });
      const views = tta ? await viewsFor(path) : undefined;
      const looked =
        views && (await predictViews(model, test.images, { views, batchSize, onProgress: draw })).data;
      const overViews = looked && {
        accuracy: accuracyOf(looked, test.labels),
        count: test.count,
        views: views.length,
      };
      terminal.clear();
      const seconds = (performance.now() - begin) / 1000;
      if (!json) {
        printEvaluation(terminal, model, evaluation, overViews, seconds);
        leftOut(skipped, terminal);
      }
      const facts = { model: path, dataset: name, source };
      const report = await reporter?.report(model, test, {
        batchSize,
        evaluation,
        looked: looked && { probabilities: looked, evaluation: overViews! },
        facts,
        files,
        terminal,
      });
      if (json) printJson(report?.record ?? { ...evaluation, ...(overViews && { tta: overViews }) });
      else if (report) terminal.print(report.text);
    } finally {
      terminal.clear();
      await reporter?.end();
      await close?.();
      await model.dispose();
    }
  },
});

function printEvaluation(
  terminal: Terminal,
  model: Model,
  evaluation: Evaluation,
  views: ViewsEvaluation | undefined,
  seconds: number,
): void {
  terminal.print(`Test loss = ${lossText(evaluation.loss)}`);
  terminal.print(`Test accuracy = ${terminal.paint('bold', evaluation.accuracy!.toFixed(3))}`);
  if (views) terminal.print(viewsText('Test', views, terminal));
  const { threads, tier } = model.engine!;
  const looks = 1 + (views?.views ?? 0);
  const speed = rate((looks * evaluation.count) / seconds);
  terminal.print(
    terminal.paint(
      'dim',
      `${duration(seconds)}, ${speed} images/s, ${threads === 1 ? '1 thread' : `${threads} threads`}, ${tier} engine`,
    ),
  );
}
