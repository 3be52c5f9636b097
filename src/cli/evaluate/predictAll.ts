import type { LabelledImages } from '../../data/dataset.ts';
import type { Model } from '../../training/model.ts';
import { slice } from '../../data/slice.ts';

/** So many batches are predicted between two reports of how far it is: enough for the threads to hardly ever wait. */
const BATCHES = 16;

/** What the network makes of all images. [count, classes] @param onProgress  is told how many are done */
export async function predictAll(
  model: Model,
  set: LabelledImages,
  batchSize: number,
  onProgress: (done: number) => void,
): Promise<Float32Array> {
  const classes = model.network.outputShape[0]!;
  const probabilities = new Float32Array(set.count * classes);
  const step = BATCHES * batchSize;
  for (let begin = 0; begin < set.count; begin += step) {
    const end = Math.min(begin + step, set.count);
    const { data } = await model.predict(slice(set, begin, end).images, { batchSize });
    probabilities.set(data, begin * classes);
    onProgress(end);
  }
  return probabilities;
}
