/** What the trainings by a recipe came to, as a report. Pure. */
import { cores } from '#platform';
import type { Tier } from '../../src/engine/tier.ts';
import type { HistoryData } from '../../src/formats/historyData.ts';
import type { Recipe } from '../../src/recipes/recipe.ts';
import { threadText } from '../environment.ts';
import type { PythonTime } from '../python/recipeTime.ts';
import type { RecipeRun } from '../recipeRun.ts';
import { figure, type Report, type Table } from '../report.ts';
import { deviation, median, quartiles } from '../statistics.ts';
import { RECIPE_TARGETS } from '../targets.ts';

export interface RecipeFindings {
  readonly recipe: Recipe;
  readonly tier: Tier;
  readonly runs: readonly RecipeRun[];
  /** Or why it is not known. */
  readonly python: PythonTime | string | undefined;
  /** Whether nothing was left out of the recipe. */
  readonly complete: boolean;
  /** How many were trained on, and tested with. */
  readonly images: number;
  readonly tested: number;
  /** Where they are from: "CIFAR-10". */
  readonly origin: string;
}

export function recipeReport(findings: RecipeFindings): Report {
  const { recipe, tier, runs, python, complete, images, tested, origin } = findings;
  const [{ epochs, batchSize, steps }] = runs as [RecipeRun];
  return {
    name: recipe.name === 'airbench94' ? 'recipe' : `recipe-${recipe.name}`,
    title: `The recipe ${recipe.name}: ${recipe.description}`,
    images: `${images.toLocaleString('en')} training and ${tested.toLocaleString('en')} test images of ${origin}`,
    notes: [
      `${epochs} epochs, ${steps} steps of ${batchSize}, ${tier}, ${threadText(cores())}.` +
        (complete ? '' : ' Less than the recipe has: not to be quoted.'),
      'Views: the test images looked at in the recipe’s six ways. Training: seconds of the steps; all: with the preparation of the model and ' +
        'the test by views, without reading the images. GFLOP/s by the textbook, as in networks; the roofline is what all threads multiply and ' +
        'add in 128-bit vectors, looked at before, between the epochs and behind, outside the timer. Memory: the most that the process was ' +
        'seen to have, with the images and some 50 MB of this benchmark. Energy: of the processors as a whole while it trained.',
    ],
    body: [
      seedTable(runs),
      curveTable(runs),
      ...(complete ? targetTables(findings) : []),
      pythonText(python, runs),
    ],
    chart: { history: meanHistory(runs) },
    data: {
      recipe: recipe.name,
      build: tier,
      threads: cores(),
      complete,
      trained: images,
      tested,
      runs,
      python,
    },
  };
}

type Column = readonly [name: string, of: (run: RecipeRun) => number | undefined, digits: number];

const COLUMNS: readonly Column[] = [
  ['accuracy', ({ accuracy }) => accuracy, 4],
  ['by views', ({ viewsAccuracy }) => viewsAccuracy, 4],
  ['training, s', ({ training }) => training, 1],
  ['all, s', ({ whole }) => whole, 1],
  ['images/s', ({ imagesPerSecond }) => imagesPerSecond, 0],
  ['GFLOP/s', ({ gigaflops }) => gigaflops, 0],
  ['roofline', ({ roofline }) => median(roofline), 0],
  ['share', ({ share }) => share, 2],
  ['memory, GB', ({ peakMemory }) => peakMemory / 1e9, 2],
  ['energy, kJ', ({ energy }) => (energy === undefined ? undefined : energy / 1e3), 1],
];

function seedTable(runs: readonly RecipeRun[]): Table {
  const rows = runs.map((run) => [
    String(run.seed),
    ...COLUMNS.map(([, of, digits]) => of(run)?.toFixed(digits) ?? 'not told'),
  ]);
  const summary = COLUMNS.map(([, of, digits]) => {
    const values = runs.map(of).filter((value) => value !== undefined);
    if (values.length === 0) return '';
    return `${mean(values).toFixed(digits)} ± ${deviation(values).toFixed(digits)}`;
  });
  return {
    title: 'Seeds',
    columns: ['seed', ...COLUMNS.map(([name]) => name)],
    rows: runs.length > 1 ? [...rows, ['mean ± deviation', ...summary]] : rows,
  };
}

/** Loss and accuracy on the training images as the epochs go by. */
function curveTable(runs: readonly RecipeRun[]): Table {
  const { epoch, history } = meanHistory(runs);
  const metrics = Object.keys(history);
  return {
    title: `Epochs${runs.length > 1 ? ', means of the seeds' : ''}`,
    columns: ['epoch', ...metrics],
    rows: epoch.map((index, i) => [
      String(index + 1),
      ...metrics.map((name) => history[name]![i]!.toFixed(4)),
    ]),
  };
}

/** The mean of the seeds, epoch by epoch. */
export function meanHistory(runs: readonly Pick<RecipeRun, 'history'>[]): HistoryData {
  const { epoch, history } = runs[0]!.history;
  return {
    epoch,
    history: Object.fromEntries(
      Object.keys(history).map((metric) => [
        metric,
        epoch.map((_, i) => mean(runs.map((run) => run.history.history[metric]![i]!))),
      ]),
    ),
  };
}

function targetTables({ recipe, tier, runs }: RecipeFindings): Table[] {
  const target = RECIPE_TARGETS.find((each) => each.recipe === recipe.name);
  if (!target) return [];
  const accuracies = runs.map(({ viewsAccuracy }) => viewsAccuracy);
  const minutes = Math.max(...runs.map(({ whole }) => whole)) / 60;
  const { most, aim } = tier === 'turbo' ? target.turboMinutes : target.minutes;
  const memory = Math.max(...runs.map(({ peakMemory }) => peakMemory));
  const { accuracy } = target;
  const row = (what: string, wanted: string, aimed: string, found: string, met: boolean): string[] => [
    ...[what, wanted, aimed, found],
    met ? 'met' : 'missed',
  ];
  const found = mean(accuracies);
  const best = Math.max(...accuracies);
  return [
    {
      title: 'What it is to reach',
      columns: ['what', 'wanted', 'aim', 'found', 'met'],
      rows: [
        row(
          'accuracy by views, mean',
          `${accuracy.mean}`,
          `${accuracy.aim}`,
          found.toFixed(4),
          found >= accuracy.mean,
        ),
        row('accuracy by views, best seed', `${accuracy.best}`, '', best.toFixed(4), best >= accuracy.best),
        row('minutes in all, slowest seed', `at most ${most}`, `${aim}`, minutes.toFixed(1), minutes <= most),
        row(
          'memory, GB',
          `at most ${target.memory / 1e9}`,
          '',
          (memory / 1e9).toFixed(2),
          memory <= target.memory,
        ),
      ],
    },
  ];
}

function pythonText(python: RecipeFindings['python'], runs: readonly RecipeRun[]): string {
  if (python === undefined) return 'PyTorch was not asked for: --python names a Python that has it.';
  if (typeof python === 'string') return `PyTorch was not measured: ${python}.`;
  const { name, layout, steps, secondsPerStep, wholeSteps, whole } = python;
  const own = quartiles(runs.map((run) => run.training / run.steps)).median;
  return (
    `${name}, ${layout}, on the same cores: ${figure(secondsPerStep)} s a step (${steps} timed, after others that were not), so ` +
    `${figure(whole)} s for the ${wholeSteps} steps of the recipe: extrapolated, on random images, without augmentation, lookahead or Muon, and test. ` +
    `A step takes ${(secondsPerStep / own).toFixed(2)} times as long as simdnet’s, ${figure(own)} s with all that it does.`
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
