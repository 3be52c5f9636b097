/** A model at work on pictures. Nothing of a page is needed: it runs in a worker, or where there can be none, in the page. */
import { fitPicture, type Fit } from '../../data/fitPicture.ts';
import { networkInput, type InputSize } from '../../data/networkInput.ts';
import { DataError } from '../../errors.ts';
import { decodePicture, type RgbaImage } from '../../formats/picture.ts';
import { inflated } from '../../platform/inflated.ts';
import type { Model } from '../../training/model.ts';
import { decodeModel } from '../../training/modelFile.ts';
import { parameterCounts } from '../../training/summary.ts';
import type { Answer, ClassifierCalls, Description, Pixels } from './protocol.ts';

/** Pixels on the longer side of a thumbnail: twice what it takes on the page, for fine displays. */
const THUMBNAIL = 256;

export class Classifier implements ClassifierCalls {
  #model!: Model;
  #size!: InputSize;
  #fit!: Fit;

  async load(model: string, fit?: Fit): Promise<Description> {
    // The one build of the engine that has the same bits on every machine.
    this.#model = decodeModel(await inflated(model), 'The model', { tier: 'simd', threads: 1 });
    const { network, classNames, imageFit = 'stretch' } = this.#model;
    const { inputShape } = network;
    const [height, width, channels] = inputShape;
    this.#size = { height, width, channels: channels as 1 | 3 };
    this.#fit = fit ?? imageFit;
    return {
      classNames: classNames ?? Array.from({ length: network.outputShape[0]! }, (_, i) => `class ${i}`),
      inputShape,
      parameters: parameterCounts(network).total,
    };
  }

  async classifyFile(file: File): Promise<Answer> {
    const image = await decodePicture(await bytesOf(file), file.name);
    return { probabilities: await this.#predict(image, this.#fit), thumbnail: thumbnailOf(image) };
  }

  classifyFrame({ width, height, rgba }: Pixels): Promise<Float32Array> {
    const data = new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.length);
    return this.#predict({ width, height, data }, 'crop');
  }

  async #predict(image: RgbaImage, fit: Fit): Promise<Float32Array> {
    const { data } = await this.#model.predict(networkInput(image, this.#size, { fit }));
    return data;
  }
}

async function bytesOf(file: File): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw new DataError(`${file.name} cannot be read: is it a folder, or was it moved?`, { cause });
  }
}

function thumbnailOf(image: RgbaImage): Pixels {
  const scale = Math.min(1, THUMBNAIL / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const rgb = fitPicture(image, { width, height });
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++)
    rgba.set(rgb.subarray(pixel * 3, pixel * 3 + 3), pixel * 4);
  return { width, height, rgba };
}
