/** What a network says of single pictures. */
import type { Dataset } from '../../data/dataset.ts';
import { fitPicture } from '../../data/fitPicture.ts';
import { networkInput } from '../../data/networkInput.ts';
import { OptionError } from '../../errors.ts';
import { ranking } from '../../evaluation/classification.ts';
import type { RgbaImage } from '../../formats/picture.ts';
import type { Model } from '../../training/model.ts';
import type { Picture, Prediction } from '../protocol.ts';
import { tilesOf } from './datasets.ts';

const TOP = 3;

/** The likeliest classes of a picture of any size. @throws OptionError if the network takes no colour images */
export async function answerToPicture(
  model: Model,
  image: RgbaImage,
  classNames: readonly string[],
): Promise<Prediction> {
  const [height, width, channels] = model.network.inputShape as [number, number, number];
  if (channels !== 3) throw new OptionError('This network does not take colour images.');
  const images = fitPicture(image, { width, height }, { fit: model.imageFit });
  const begin = performance.now();
  const { data } = await model.predict(images);
  const milliseconds = performance.now() - begin;
  return {
    top: ranking(data, TOP),
    classNames: model.classNames ?? classNames,
    shown: tilesOf({ images, height, width }, [0]),
    milliseconds,
  };
}

/** The probabilities of all classes, of the middle of a frame. */
export async function answerToFrame(model: Model, frame: Picture): Promise<Float32Array> {
  const [height, width, channels] = model.network.inputShape as [number, number, 1 | 3];
  const input = networkInput(rgbaImage(frame), { height, width, channels }, { fit: 'crop' });
  return (await model.predict(input)).data;
}

export function rgbaImage({ width, height, rgba }: Picture): RgbaImage {
  return { width, height, data: new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.byteLength) };
}

/** The first image of a set as a picture. */
export function pictureOf(set: Dataset): RgbaImage {
  const { width, height, pixels: rgba } = tilesOf(set, [0]);
  return rgbaImage({ width, height, rgba });
}
