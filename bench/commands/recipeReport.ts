/** What the trainings by a recipe came to, as a report. Pure. */
import type { Tier } from '../../src/engine/tier.ts';
import type { HistoryData } from '../../src/formats/historyData.ts';
import { recipe } from '../../src/recipes/registry.ts';
import type { Recipe } from '../../src/recipes/recipe.ts';
import { threadText } from '../environment.ts';
import { DRAWN } from '../imageSet.ts';
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
  /** Whether they are drawn shapes instead of CIFAR-10. */
  readonly drawn?: boolean;
  readonly threads: number;
}

/** What is saved of them, under names that the machine's do not have. */
type Saved = Omit<RecipeFindings, 'recipe' | 'tier' | 'images'> & {
  readonly recipe: string;
  readonly build: Tier;
  readonly trained: number;
};

/** The report of what was saved. */
export function savedRecipeReport(data: object): Report {
  const { recipe: name, build: tier, trained: images, ...findings } = data as Saved;
  return recipeReport({ ...findings, recipe: recipe(name), tier, images });
}

export function recipeReport(findings: RecipeFindings): Report {
  const { recipe, tier, runs, python, complete, images, tested, drawn, threads } = findings;
  const [{ epochs, batchSize, steps }] = runs as [RecipeRun];
  return {
    name: recipe.name === 'airbench94' ? 'recipe' : `recipe-${recipe.name}`,
    title: `The recipe ${recipe.name}: ${recipe.description}`,
    images: `${images.toLocaleString('en')} training and ${tested.toLocaleString('en')} test images, ${drawn ? DRAWN : 'CIFAR-10'}`,
    notes: [
      `${epochs} epochs, ${steps} steps of ${batchSize}, ${tier}, ${threadText(threads)}.` +
        (complete ? '' : ' Less than the recipe has: not to be quoted.'),
      (recipe.views.length > 1
        ? `By views: the test images looked at in the recipe’s ${recipe.views.length} ways. `
        : '') +
        'Training: seconds of the steps, without validation; all: with the preparation of the model and the test, without reading the ' +
        'images. GFLOP/s by the textbook, as in networks; the roofline is what all threads multiply and add in 128-bit vectors, looked at before, between the epochs and behind, outside the timer. Memory: the most that the process was ' +
        'seen to have, with the images and some 50 MB of this benchmark. Energy: of the processors as a whole while it trained.',
    ],
    body: [
      seedTable(recipe, runs),
      ...validationTables(runs),
      curveTable(runs),
      ...(complete ? targetTables(findings) : []),
      pythonText(python, runs),
    ],
    chart: { history: meanHistory(runs) },
    data: {
      recipe: recipe.name,
      build: tier,
      threads,
      drawn,
      complete,
      trained: images,
      tested,
      runs,
      python,
    },
  };
}

type Column = readonly [name: string, of: (run: RecipeRun) => number | undefined, digits: number];

const BY_VIEWS = 'by views';

const COLUMNS: readonly Column[] = [
  ['accuracy', ({ accuracy }) => accuracy, 4],
  [BY_VIEWS, ({ viewsAccuracy }) => viewsAccuracy, 4],
  ['training, s', ({ training }) => training, 1],
  ['all, s', ({ whole }) => whole, 1],
  ['images/s', ({ imagesPerSecond }) => imagesPerSecond, 0],
  ['GFLOP/s', ({ gigaflops }) => gigaflops, 0],
  ['roofline', ({ roofline }) => median(roofline), 0],
  ['share', ({ share }) => share, 2],
  ['memory, GB', ({ peakMemory }) => peakMemory / 1e9, 2],
  ['energy, kJ', ({ energy }) => (energy === undefined ? undefined : energy / 1e3), 1],
];

function seedTable({ views }: Recipe, runs: readonly RecipeRun[]): Table {
  // With one view, it is the accuracy once more.
  const columns = COLUMNS.filter(([name]) => name !== BY_VIEWS || views.length > 1);
  const rows = runs.map((run) => [
    String(run.seed),
    ...columns.map(([, of, digits]) => of(run)?.toFixed(digits) ?? 'not told'),
  ]);
  const summary = columns.map(([, of, digits]) => {
    const values = runs.map(of).filter((value) => value !== undefined);
    if (values.length === 0) return '';
    return `${mean(values).toFixed(digits)} ± ${deviation(values).toFixed(digits)}`;
  });
  return {
    title: 'Seeds',
    columns: ['seed', ...columns.map(([name]) => name)],
    rows: runs.length > 1 ? [...rows, ['mean ± deviation', ...summary]] : rows,
  };
}

/** Of recipes that hold images out: how well these are told, at the end and at best. */
function validationTables(runs: readonly RecipeRun[]): Table[] {
  const rows = runs.flatMap(({ seed, history: { epoch, history } }) => {
    const { accuracy, val_accuracy: validated } = history;
    if (!accuracy || !validated) return [];
    const best = Math.max(...validated);
    const when = epoch[validated.indexOf(best)]! + 1;
    return [
      [seed, accuracy.at(-1)!.toFixed(4), validated.at(-1)!.toFixed(4), best.toFixed(4), when].map(String),
    ];
  });
  const columns = ['seed', 'accuracy, last epoch', 'validation, last epoch', 'best validation', 'in epoch'];
  return rows.length === 0 ? [] : [{ title: 'Validation', columns, rows }];
}

/** Loss and accuracy, also on images that were held out, as the epochs go by. */
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
          `accuracy by views, mean of ${runs.length} seed${runs.length > 1 ? 's' : ''}`,
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
    `${figure(whole)} s for the ${wholeSteps} steps of the recipe: extrapolated, by SGD, on random images, without augmentation and test. ` +
    `A step takes ${(secondsPerStep / own).toFixed(2)} times as long as simdnet’s, ${figure(own)} s with all that it does.`
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
