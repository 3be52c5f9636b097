/** Runs a case that Keras computed (see test/fixtures/keras) through the public API. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSafetensors, type F32Tensor, type SafeTensor } from '../../src/formats/safetensors.ts';
import {
  fromKerasConfig,
  huber,
  lossFromKerasConfig,
  optimizerFromKerasConfig,
  type LossConfig,
  type Tensor,
  type Tier,
} from '../../src/index.ts';

interface Case {
  readonly steps: number;
  readonly batch: number;
  readonly optimizer: { readonly config: { readonly name: string } };
  readonly loss: unknown;
}

/**
 * What simdnet makes of a case, by the names of the case's own `expected.safetensors`, which is not looked at.
 * @param folder  with model.json, case.json, init.safetensors and batches.safetensors
 * @param threads  all cores by default
 */
export async function runCase(
  folder: string,
  tier: Tier | 'auto',
  threads?: number,
): Promise<Map<string, F32Tensor>> {
  const json = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, name), 'utf8'));
  const tensors = async (name: string): Promise<ReadonlyMap<string, SafeTensor>> =>
    decodeSafetensors(await readFile(join(folder, name)), name).tensors;
  const { steps, batch, optimizer, loss } = (await json('case.json')) as Case;
  const init = (await tensors('init.safetensors')) as ReadonlyMap<string, Tensor>;
  const batches = await tensors('batches.safetensors');
  const model = fromKerasConfig(await json('model.json'), { tier, ...(threads && { threads }) });
  const results = new Map<string, F32Tensor>();
  const keep = (name: string, { shape, data }: Tensor): void => {
    results.set(name, { dtype: 'F32', shape, data });
  };
  try {
    model.compile({
      optimizer: optimizerFromKerasConfig(optimizer),
      loss: withDelta(lossFromKerasConfig(loss)),
    });
    model.setWeights(init, 'init.safetensors');
    const x = (step: number): Float32Array => part(batches.get('x')!, step, batch) as Float32Array;
    const y = (step: number): Float32Array => Float32Array.from(part(batches.get('y')!, step, batch), Number);
    keep('predict_before', await model.predictOnBatch(x(0)));
    const { output, gradients } = await model.computeGradients(x(0), y(0));
    keep('training_output', output);
    for (const [name, tensor] of gradients) keep(`gradient/${name}`, tensor);
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) {
      losses.push((await model.trainOnBatch(x(step), y(step))).loss);
    }
    keep('losses', { shape: [steps], data: Float32Array.from(losses) });
    for (const [name, tensor] of model.getWeights()) keep(`after/${name}`, tensor);
    const variables = model.getOptimizerVariables();
    for (const [name, tensor] of variables) {
      keep(`optimizer/${optimizer.config.name}/${name.replaceAll('/', '_')}`, tensor);
    }
    keep('predict_after', await model.predictOnBatch(x(0)));
    const averages = new Map(model.getWeights());
    for (const [name, tensor] of variables) {
      if (name.endsWith('/average')) averages.set(name.slice(0, -'/average'.length), tensor);
    }
    if ([...variables.keys()].some((name) => name.endsWith('/average'))) {
      model.setWeights(averages);
      keep('predict_ema', await model.predictOnBatch(x(0)));
    }
  } finally {
    await model.dispose();
  }
  return results;
}

/** The batch of a step, as it lies in the tensor of all. */
function part(
  { data, shape }: SafeTensor,
  step: number,
  batch: number,
): ArrayLike<number> & Iterable<number> {
  const length = (data.length / shape[0]!) * batch;
  return data.slice(step * length, (step + 1) * length) as unknown as Float32Array;
}

/**
 * Keras leaves the delta of Huber's loss out of its JSON. These cases were computed with 0.3: no other gives the losses that Keras
 * writes down beside them.
 */
function withDelta(loss: LossConfig): LossConfig {
  return loss.name === 'huber' ? huber({ delta: 0.3 }) : loss;
}
