import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  meanHistory,
  recipeReport,
  savedRecipeReport,
  type RecipeFindings,
} from '../../bench/commands/recipeReport.ts';
import { firstOf, runRecipe, type RecipeRun } from '../../bench/recipeRun.ts';
import type { Table } from '../../bench/report.ts';
import { generateShapes } from '../../src/data/shapes.ts';
import { airbench94 } from '../../src/recipes/airbench.ts';
import { recipe } from '../../src/recipes/registry.ts';

/** Milliseconds of a look at the roofline. */
const LOOK = 200;

describe('a training by a recipe', () => {
  it('tells all that it came to, with the looks at the machine outside the timer', async () => {
    const data = generateShapes({ seed: 0, trainCount: 20, testCount: 6 });
    const begin = performance.now();
    let joules = 0;
    const run = await runRecipe(airbench94, {
      ...{ data, seed: 1, tier: 'simd', threads: 1, epochs: 2, batchSize: 8 },
      roofline: () => setTimeout(LOOK, 50),
      energy: { read: () => Promise.resolve((joules += 10)) },
    });
    expect(run).toMatchObject({ seed: 1, epochs: 2, batchSize: 8, steps: 4, roofline: [50, 50, 50] });
    expect(run.history.history.accuracy).toHaveLength(2);
    expect(run.accuracy * 6).toBeCloseTo(Math.round(run.accuracy * 6), 9);
    expect(run.viewsAccuracy).toBeLessThanOrEqual(1);
    expect(run.whole).toBeGreaterThan(run.training);
    expect(run.imagesPerSecond).toBeCloseTo(32 / run.training, 6);
    // 708 MFLOP an image.
    expect(run.gigaflops / run.imagesPerSecond).toBeCloseTo(0.708, 2);
    expect(run.share).toBe(run.gigaflops / 50);
    expect(run.peakMemory).toBeGreaterThan(1e7);
    // The looks before it and after each of two epochs.
    expect(performance.now() - begin - 1000 * run.whole).toBeGreaterThan(2.9 * LOOK);
    // Before it, after each of two epochs, and behind it.
    expect(run.energy).toBe(30);
  });

  it('counts the operations of the layers that are trained, epoch by epoch', async () => {
    const data = generateShapes({ seed: 0, trainCount: 4, testCount: 1 });
    const run = await runRecipe(airbench94, {
      ...{ data, seed: 1, tier: 'simd', threads: 1, epochs: 4, batchSize: 4 },
      roofline: () => Promise.resolve(50),
      energy: undefined,
    });
    // In the last of four the whitening is trained no more, so that no gradient goes back to it.
    const saved = 2 * 9 * 24 * 64 * 31 * 31;
    expect(run.gigaflops / run.imagesPerSecond).toBeCloseTo(0.7083 - saved / 4 / 1e9, 3);
  });

  it('counts the images that are trained on, of a recipe that validates', async () => {
    const data = generateShapes({ seed: 0, trainCount: 100, testCount: 4 });
    const run = await runRecipe(recipe('tutorial'), {
      ...{ data, seed: 1, tier: 'simd', threads: 1, epochs: 2 },
      roofline: () => Promise.resolve(50),
      energy: undefined,
    });
    expect(run.steps).toBe(4);
    expect(run.imagesPerSecond * run.training).toBeCloseTo(160, 6);
    expect(run.history.history.val_accuracy).toHaveLength(2);
    expect(run.whole).toBeGreaterThan(run.training);
  });

  it('takes the first images where not all are wanted', () => {
    const data = generateShapes({ seed: 0, trainCount: 9, testCount: 4 });
    const { train, test } = firstOf(data, 5, 100);
    expect([train.count, train.labels.length, test.count]).toEqual([5, 5, 4]);
  });
});

describe('the report of it', () => {
  const run = (seed: number, viewsAccuracy: number, energy?: number): RecipeRun => ({
    ...{ seed, viewsAccuracy, accuracy: 0.93, epochs: 2, batchSize: 1024, steps: 96 },
    ...{
      training: 960,
      whole: 1080,
      imagesPerSecond: 102.4,
      gigaflops: 72,
      roofline: [20, 25, 24],
      share: 3,
    },
    ...{ peakMemory: 2e9, ...(energy === undefined ? {} : { energy }) },
    history: {
      epoch: [0, 1],
      history: { loss: [2, seed], accuracy: [0.5, 0.75] },
      stopped: false,
    },
  });
  const findings: RecipeFindings = {
    ...{ recipe: airbench94, tier: 'relaxed', runs: [run(1, 0.93, 5e4), run(3, 0.945, 7e4)] },
    ...{ python: undefined, complete: true, images: 50_000, tested: 10_000, threads: 2 },
  };
  const tables = (of: RecipeFindings): Table[] =>
    recipeReport(of).body.filter((part) => typeof part !== 'string');

  it('has a row for each seed, and their mean and deviation', () => {
    const { rows } = tables(findings)[0]!;
    expect(rows).toHaveLength(3);
    expect(rows[0]).toEqual([
      '1',
      '0.9300',
      '0.9300',
      '960.0',
      '1080.0',
      '102',
      '72',
      '24',
      '3.00',
      '2.00',
      '50.0',
    ]);
    expect(rows[2]![2]).toBe('0.9375 ± 0.0106');
    expect(rows[2]!.at(-1)).toBe('60.0 ± 14.1');
  });

  it('says so where the machine tells no energy, and leaves out what one seed has not', () => {
    const { rows } = tables({ ...findings, runs: [run(1, 0.93)] })[0]!;
    expect(rows).toHaveLength(1);
    expect(rows[0]!.at(-1)).toBe('not told');
  });

  it('has a row of each seed that validates, with the best epoch', () => {
    const val_accuracy = [0.75, 0.5];
    const validated = { ...run(1, 0.93) };
    const history = { ...validated.history, history: { ...validated.history.history, val_accuracy } };
    const { title, rows } = tables({ ...findings, runs: [{ ...validated, history }] })[1]!;
    expect(title).toBe('Validation');
    expect(rows).toEqual([['1', '0.7500', '0.5000', '0.7500', '1']]);
    expect(tables(findings)[1]!.title).not.toBe('Validation');
  });

  it('says what is met, of a whole recipe only', () => {
    const met = (of: RecipeFindings): string[] | undefined =>
      tables(of)
        .find(({ title }) => title === 'What it is to reach')
        ?.rows.map((row) => row.at(-1)!);
    // A mean of 0.9375, the best 0.945, 18 minutes, 2 GB.
    expect(met(findings)).toEqual(['missed', 'met', 'met', 'met']);
    expect(met({ ...findings, tier: 'turbo' })).toEqual(['missed', 'met', 'missed', 'met']);
    expect(met({ ...findings, complete: false })).toBeUndefined();
    expect(recipeReport({ ...findings, complete: false }).notes[0]).toContain('not to be quoted');
  });

  it('has the curve of the mean', () => {
    expect(meanHistory(findings.runs)).toEqual({
      epoch: [0, 1],
      history: { loss: [2, 2], accuracy: [0.5, 0.75] },
    });
    expect(recipeReport(findings).chart).toEqual({ history: meanHistory(findings.runs) });
  });

  it('is the same when it is drawn anew from what was saved', () => {
    const saved = (of: RecipeFindings): object =>
      JSON.parse(JSON.stringify({ images: 'of before', ...recipeReport(of).data })) as object;
    expect(savedRecipeReport(saved(findings))).toEqual(recipeReport(findings));
    const { images } = savedRecipeReport(saved({ ...findings, drawn: true }));
    expect(images).toBe('50,000 training and 10,000 test images, drawn shapes (CIFAR-10 was not found)');
  });

  it('compares steps with PyTorch’s, or says why not', () => {
    const python = {
      ...{ name: 'PyTorch 2', layout: 'contiguous', steps: 5, secondsPerStep: 25, wholeSteps: 480 },
      whole: 12_000,
    };
    expect(recipeReport({ ...findings, python }).body.at(-1)).toContain('takes 2.50 times as long');
    expect(recipeReport({ ...findings, python: 'no torch' }).body.at(-1)).toContain('not measured: no torch');
  });
});
