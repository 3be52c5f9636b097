import { cpus } from 'node:os';
import type { LossConfig } from '../../nn/losses/loss.ts';
import type { LayerSpec } from '../../nn/spec.ts';
import type { OptimizerConfig } from '../../nn/optimizers/optimizer.ts';
import type { Evaluation, EngineInfo } from '../../training/options.ts';
import { peakRate } from '../optimizerOptions.ts';
import type { FolderRecord } from '../pictures/folderDataset.ts';
import { version } from '../version.ts';
import type { ViewsEvaluation } from '../../recipes/views.ts';
import type { Origin } from './from.ts';
import { withoutRecipes } from './recipeOptions.ts';
import type { TrainValues } from './surroundings.ts';
import { USUAL_NETWORK } from './trainOptions.ts';
import { withWholePaths } from './wholePaths.ts';

/** What is known of a run as soon as it has a folder: enough to list it, and to go on with it. */
export interface RunOpening {
  readonly status: 'running' | 'completed' | 'stopped' | 'failed';
  /** As it was typed, without `simdnet`. */
  readonly commandLine: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly versions: { readonly simdnet: string; readonly node: string; readonly v8: string };
  readonly platform: string;
  readonly cpu: string;
  readonly startTime: string;
}

/** The contents of run.json: what is needed to understand a run later, or to repeat it. */
export interface RunRecord extends RunOpening {
  readonly error?: string;
  /** The same with all that was not given, and what schedules were made of it. */
  readonly optimizer: OptimizerConfig;
  readonly loss: LossConfig;
  /** What was gone on from, if it was a trained model. */
  readonly from?: Origin;
  /** What each class counts in the loss, by its name; 1 for those that are left out. */
  readonly classWeights?: Readonly<Record<string, number>>;
  /** The layers of `--augment`. */
  readonly augment: readonly LayerSpec[];
  /** How many numbers the network consists of. */
  readonly parameters: number;
  readonly dataset: {
    readonly source: string;
    readonly trainImages: number;
    readonly validationImages: number;
    readonly testImages: number;
    /** Of a folder of pictures. */
    readonly pictures?: FolderRecord;
  };
  /** What was used in the end; absent before the training. */
  readonly engine?: { readonly tier: string; readonly threads: number; readonly arenaBytes: number };
  /** When it was gone on with, and how. */
  readonly resumed: readonly { readonly time: string; readonly commandLine: readonly string[] }[];
  readonly epochsCompleted: number;
  /** From the start of the command on; of a run that was resumed, of all commands together. */
  readonly durationSeconds: number;
  /** Over all training steps, without validation. */
  readonly imagesPerSecond: number;
  readonly peakMemoryMB: number;
  /** How often the images to validate with were told right in the end, each looked at as the recipe has it. */
  readonly validationTta?: ViewsEvaluation;
  readonly test?: Evaluation;
  /** The same test with each image looked at several times, as the recipe has it: what counts. */
  readonly tta?: ViewsEvaluation;
}

/** @param folder  where the run is kept */
export function openingRecord(
  values: TrainValues,
  commandLine: readonly string[],
  begin: Date,
  folder: string,
): RunOpening {
  const whole = withWholePaths(values);
  const options = explicit({
    ...whole,
    network: whole.network ?? (values.from === undefined ? USUAL_NETWORK : undefined),
    learningRate: peakRate(values),
    out: folder,
    resume: null,
    config: null,
  });
  return {
    status: 'running',
    commandLine,
    options: values.recipe === undefined ? options : withoutRecipes(options),
    versions: { simdnet: version(), node: process.versions.node, v8: process.versions.v8 },
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    startTime: begin.toISOString(),
  };
}

export function engineRecord(engine: EngineInfo | undefined): Pick<RunRecord, 'engine'> {
  return engine
    ? { engine: { tier: engine.tier, threads: engine.threads, arenaBytes: engine.arenaBytes } }
    : {};
}

/** The most memory that the process has had. */
export function peakMemoryMB(): number {
  // maxRSS is in kibibytes on every system.
  return Math.round((process.resourceUsage().maxRSS * 1024) / 1e6);
}

/** With null for what was not given: JSON would leave it out. */
function explicit(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, value ?? null]));
}
