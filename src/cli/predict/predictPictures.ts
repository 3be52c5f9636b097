/** Pictures predicted in batches, while further ones are decoded and the rows of earlier ones are written. */
import type { Fit } from '../../data/fitPicture.ts';
import type { InputSize } from '../../data/networkInput.ts';
import { decodePictures } from '../../data/pictures/decodePictures.ts';
import type { Geometry } from '../../data/pictures/pixels.ts';
import type { PictureFile } from '../../data/pictures/pictureFiles.ts';
import type { Tensor } from '../../nn/parameters.ts';
import type { Model } from '../../training/model.ts';
import { pipeline } from '../../training/pipeline.ts';
import type { Output } from './output.ts';
import type { Rows } from './rows.ts';

export interface PredictionSetting {
  /** [images, …] in, [images, outputs] out. */
  readonly predict: (images: Uint8Array) => Promise<Tensor>;
  readonly batchSize: number;
  /** Of the network's outputs. */
  readonly classNames: readonly string[];
  /** How pictures are brought to the shape of the network's images. */
  readonly fit: Fit;
  readonly rows: Rows;
  readonly output: Output;
  readonly onFailure: (reason: string) => void;
  /** Is told how many files are done. */
  readonly onProgress: (done: number) => void;
}

/** Files in their order, with the images of those that could be read. */
interface Batch {
  readonly files: readonly PictureFile[];
  /** [readable, height, width, channels] */
  readonly pixels: Uint8Array;
}

/** @returns how many could not be read @throws EngineError, SimdnetError if rows cannot be written */
export async function predictPictures(
  model: Model,
  files: readonly PictureFile[],
  { predict, batchSize, classNames, fit, rows, output, onFailure, onProgress }: PredictionSetting,
): Promise<number> {
  const [height, width, channels] = model.network.inputShape as [number, number, 1 | 3];
  const batches = inBatches(files, { width, height, channels, fit }, batchSize);
  let failed = 0;
  let done = 0;
  output.write(rows.head);
  try {
    await pipeline(
      async () => {
        const { value: batch } = await batches.next();
        await output.flush();
        if (!batch) return undefined;
        return { result: predict(batch.pixels).then(({ data }) => ({ batch, data })) };
      },
      ({ batch, data }) => {
        const outputs = model.network.outputShape[0]!;
        let next = 0;
        for (const file of batch.files) {
          if (file.failure !== undefined) {
            failed++;
            onFailure(file.failure);
            output.write(rows.failure(file.path, file.failure));
            continue;
          }
          const probabilities = data.subarray(next * outputs, ++next * outputs);
          output.write(rows.prediction({ image: { file: file.path }, probabilities, classNames }));
        }
        onProgress((done += batch.files.length));
      },
    );
    await output.complete();
  } finally {
    await batches.return(undefined);
  }
  return failed;
}

/** Whole batches of readable files, but for the last, each with what could not be read among them. */
async function* inBatches(
  files: readonly PictureFile[],
  geometry: Geometry & InputSize,
  batchSize: number,
): AsyncGenerator<Batch, undefined> {
  const imageSize = geometry.width * geometry.height * geometry.channels;
  const requests = files.map(({ path, failure }) =>
    failure === undefined ? { path, geometry } : { failure },
  );
  let batch: PictureFile[] = [];
  let pixels = new Uint8Array(batchSize * imageSize);
  let count = 0;
  let next = 0;
  for await (const reply of decodePictures(requests)) {
    const { path } = files[next++]!;
    if ('failure' in reply) {
      batch.push({ path, failure: reply.failure });
      continue;
    }
    batch.push({ path });
    pixels.set(reply.decoded.pixels!, count++ * imageSize);
    if (count < batchSize) continue;
    yield { files: batch, pixels };
    [batch, pixels, count] = [[], new Uint8Array(batchSize * imageSize), 0];
  }
  if (batch.length > 0) yield { files: batch, pixels: pixels.subarray(0, count * imageSize) };
  return undefined;
}
