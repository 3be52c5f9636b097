/** Pictures of one's own as what a network is trained on: what `simdnet train FOLDER` makes of the same files, to the last bit. */
import { codeUnitOrder } from '../../codeUnitOrder.ts';
import type { Dataset } from '../../data/dataset.ts';
import { fitPicture, type Size } from '../../data/fitPicture.ts';
import { toPixels, USUAL_FIT } from '../../data/pictures/pixels.ts';
import { SharedSize } from '../../data/pictures/sharedSize.ts';
import { splitPictures, USUAL_SPLIT, type SplitPicture } from '../../data/pictures/split.ts';
import { DataError } from '../../errors.ts';
import { decodePicture, type RgbaImage } from '../../formats/picture.ts';
import { untrainable } from '../pictures/trainable.ts';
import type { Picture, PictureClass } from '../protocol.ts';
import type { OnProgress } from './cifar10Files.ts';
import { tilesOf, type Data } from './datasets.ts';

/** Of the longer side of a thumbnail. */
const THUMBNAIL = 96;

interface Listed extends SplitPicture {
  readonly file: Blob;
}

/** What there is to see of a file. @throws FormatError, DataError naming it */
export async function lookAt(file: Blob, name: string): Promise<Picture> {
  const image = await imageOf(file, name);
  const scale = Math.min(1, THUMBNAIL / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const images = fitPicture(image, { width, height });
  return { width, height, rgba: tilesOf({ images, width, height }, [0]).pixels };
}

/**
 * Decodes, resizes and splits.
 * @param side  of the images, in pixels; by default as the command line's
 * @throws DataError if they are too few to learn from; FormatError, DataError naming a file that cannot be read
 */
export async function loadPictures(
  classes: readonly PictureClass[],
  side: number | undefined,
  onProgress: OnProgress,
): Promise<Data> {
  const problem = untrainable(classes);
  if (problem !== undefined) throw new DataError(problem);
  const sorted = classes
    .filter((each) => each.pictures.length > 0)
    .sort((a, b) => codeUnitOrder(a.name, b.name));
  const classNames = sorted.map(({ name }) => name);
  const pictures = sorted.flatMap((each, label) =>
    each.pictures.map(({ name, file }): Listed => {
      return { file, path: `${each.name}/${name}`, label, part: undefined };
    }),
  );
  const size = side === undefined ? await sharedSize(pictures) : { width: side, height: side };
  const parts = splitPictures({ pictures, parts: [], classNames }, USUAL_SPLIT);
  let done = 0;
  const decoded = (part: readonly Listed[]): Promise<Dataset> =>
    decode(part, classNames, size, () => {
      onProgress(++done / pictures.length);
    });
  return {
    name: 'pictures',
    train: await decoded(parts.train),
    validation: await decoded(parts.validation),
    test: await decoded(parts.test),
    testIsValidation: false,
    identity: identityOf(sorted, size),
  };
}

/** @returns images of [count, size.height, size.width, 3] */
async function decode(
  pictures: readonly Listed[],
  classNames: readonly string[],
  size: Size,
  onDecoded: () => void,
): Promise<Dataset> {
  const { height, width } = size;
  const images = new Uint8Array(pictures.length * height * width * 3);
  for (const [i, { file, path }] of pictures.entries()) {
    const image = await imageOf(file, path);
    images.set(toPixels(image, { ...size, fit: USUAL_FIT }), i * height * width * 3);
    onDecoded();
  }
  const labels = new (classNames.length > 256 ? Uint16Array : Uint8Array)(pictures.length);
  labels.set(pictures.map(({ label }) => label));
  return { images, labels, count: pictures.length, height, width, channels: 3, classNames };
}

async function sharedSize(pictures: readonly Listed[]): Promise<Size> {
  const shared = new SharedSize();
  for (const { file, path } of pictures) if (!shared.add(await imageOf(file, path))) break;
  return shared.size;
}

async function imageOf(file: Blob, name: string): Promise<RgbaImage> {
  return decodePicture(await bytesOf(file, name), name);
}

async function bytesOf(file: Blob, name: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw new DataError(`${name} cannot be read: it may have been moved or changed. Add it again`, { cause });
  }
}

/** By which other pictures are told from these. */
function identityOf(classes: readonly PictureClass[], { width, height }: Size): string {
  const counts = classes.map(({ name, pictures }) => [
    name,
    pictures.length,
    pictures.reduce((sum, { file }) => sum + file.size, 0),
  ]);
  return JSON.stringify([width, height, counts]);
}
