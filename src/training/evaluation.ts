/** What only goes forward: a set evaluated or predicted batch by batch. */
import type { Objective } from '../nn/objective.ts';
import type { Session } from '../nn/session.ts';
import type { Callbacks } from './callbacks.ts';
import { batchOf, type Examples, type Images } from './examples.ts';
import type { EpochLogs } from './history.ts';
import { pipeline } from './pipeline.ts';
import { RunningTotals } from './totals.ts';

export interface EvaluationSettings {
  readonly objective: Objective;
  readonly batchSize: number;
  readonly callbacks: Pick<Callbacks, 'onValidationBatchBegin' | 'onValidationBatchEnd'>;
  readonly signal?: AbortSignal | undefined;
}

/** The mean loss and the metrics over a set. An abort ends it early, with what was seen until then. */
export async function runEvaluation(
  session: Session,
  set: Examples,
  { objective, batchSize, callbacks, signal }: EvaluationSettings,
): Promise<EpochLogs> {
  const totals = new RunningTotals(objective, set.count);
  const batches = Math.ceil(set.count / batchSize);
  await pipeline(
    async (batch) => {
      if (batch >= batches || signal?.aborted) return undefined;
      await callbacks.onValidationBatchBegin?.(batch);
      if (signal?.aborted) return undefined;
      const begin = batch * batchSize;
      const count = Math.min(batchSize, set.count - begin);
      const { load, fill } = batchOf(set, begin, count);
      await load?.();
      return { result: session.evaluate(count, set.pixels, fill) };
    },
    (results, batch) => {
      const logs = totals.add(results);
      callbacks.onValidationBatchEnd?.(batch, logs);
    },
  );
  return totals.means();
}

/** What the network makes of images. [count, outputs] */
export async function runPrediction(
  session: Session,
  given: Images,
  batchSize: number,
  outputs: number,
): Promise<Float32Array> {
  const data = new Float32Array(given.count * outputs);
  await pipeline(
    async (batch) => {
      const begin = batch * batchSize;
      const count = Math.min(batchSize, given.count - begin);
      if (count <= 0) return undefined;
      const { load, fill } = batchOf(given, begin, count);
      await load?.();
      return { result: session.predict(count, given.pixels, fill) };
    },
    (output, batch) => {
      data.set(output, batch * batchSize * outputs);
    },
  );
  return data;
}
