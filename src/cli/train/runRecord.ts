import { cpus } from 'node:os';
import type { LossConfig } from '../../nn/losses/loss.ts';
import type { LayerSpec } from '../../nn/spec.ts';
import type { OptimizerConfig } from '../../nn/optimizers/optimizer.ts';
import type { Evaluation, EngineInfo } from '../../training/options.ts';
import { version } from '../version.ts';

/** The contents of run.json: what is needed to understand a run later, or to repeat it. */
export interface RunRecord {
  readonly status: 'running' | 'completed' | 'stopped' | 'failed';
  readonly error?: string;
  /** As it was typed, without `simdnet`. */
  readonly commandLine: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** The same with all that was not given, and what schedules were made of it. */
  readonly optimizer: OptimizerConfig;
  readonly loss: LossConfig;
  /** The layers of `--augment`. */
  readonly augment: readonly LayerSpec[];
  /** How many numbers the network consists of. */
  readonly parameters: number;
  readonly dataset: {
    readonly source: string;
    readonly trainImages: number;
    readonly validationImages: number;
    readonly testImages: number;
  };
  /** What was used in the end; absent before the training. */
  readonly engine?: { readonly tier: string; readonly threads: number; readonly arenaBytes: number };
  readonly versions: { readonly simdnet: string; readonly node: string; readonly v8: string };
  readonly platform: string;
  readonly cpu: string;
  readonly startTime: string;
  /** When it was gone on with, and how. */
  readonly resumed: readonly { readonly time: string; readonly commandLine: readonly string[] }[];
  readonly epochsCompleted: number;
  /** From the start of the command on; of a run that was resumed, of all commands together. */
  readonly durationSeconds: number;
  /** Over all training steps, without validation. */
  readonly imagesPerSecond: number;
  readonly peakMemoryMB: number;
  readonly test?: Evaluation;
}

/** Where a run runs. */
export function environment(): Pick<RunRecord, 'versions' | 'platform' | 'cpu'> {
  return {
    versions: { simdnet: version(), node: process.versions.node, v8: process.versions.v8 },
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
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
