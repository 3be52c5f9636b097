/** A dataset in files: what it holds is known once it is open, and its images are read when they are asked for. */
import { FormatError } from '../errors.ts';
import { MAX_CLASSES } from '../limits.ts';
import type { Dataset } from './dataset.ts';

export type Part = 'train' | 'validation' | 'test';
export const PARTS: readonly Part[] = ['train', 'validation', 'test'];

export interface StoredDataset {
  readonly inputShape: readonly [height: number, width: number, channels: number];
  readonly classNames: readonly string[];
  /** The parts that there are. */
  readonly parts: ReadonlySet<Part>;
  /** The paths of the files that they are in. */
  readonly files: readonly string[];
  /** The images of a part that there is. @throws DataError, FormatError */
  readonly read: (part: Part) => Promise<Dataset>;
}

/** What is known of a part without its images. */
export interface StoredPart {
  /** [count, height, width] or [count, height, width, channels]. */
  readonly imageShape: readonly number[];
  /** [count], below MAX_CLASSES. */
  readonly labels: Uint16Array;
  /** Where they are, for messages. */
  readonly imagesName: string;
  readonly labelsName: string;
  /** The pixels, as long as the shape says. */
  readonly readImages: () => Promise<Uint8Array>;
}

/**
 * A dataset of parts that were looked at.
 * @param files  their paths
 * @param names  of the classes, if they are known: otherwise they are called by their indices
 * @throws FormatError if the parts do not go together, or a label has no name
 */
export function storedDataset(
  parts: ReadonlyMap<Part, StoredPart>,
  files: readonly string[],
  names?: readonly string[],
): StoredDataset {
  const all = [...parts.values()];
  for (const part of all) checkPart(part);
  const inputShape = commonShape(all);
  const classNames = names ?? indicesAsNames(all);
  for (const part of all) checkLabels(part, classNames.length);
  return {
    inputShape,
    classNames,
    parts: new Set(parts.keys()),
    files,
    read: async (name) => {
      const { labels, readImages } = parts.get(name)!;
      const [height, width, channels] = inputShape;
      return {
        images: await readImages(),
        labels: classNames.length <= 256 ? Uint8Array.from(labels) : labels,
        count: labels.length,
        height,
        width,
        channels,
        classNames,
      };
    },
  };
}

function checkPart({ imageShape, labels, imagesName, labelsName }: StoredPart): void {
  if (imageShape.length !== 3 && imageShape.length !== 4) {
    throw new FormatError(
      `${imagesName} has the shape [${imageShape.join(', ')}]: images must be [count, height, width] or [count, height, width, channels]`,
    );
  }
  const [count, , , channels = 1] = imageShape;
  if (channels > 4 && (imageShape[1] === 1 || imageShape[1] === 3)) {
    throw new FormatError(
      `${imagesName} has the shape [${imageShape.join(', ')}], which looks like [count, channels, height, width]: ` +
        'the channels must come last; transpose it to (0, 2, 3, 1)',
    );
  }
  if (count !== labels.length) {
    throw new FormatError(
      `${imagesName} has ${count} images, but ${labelsName} has ${labels.length} labels: they do not belong together`,
    );
  }
}

function commonShape(parts: readonly StoredPart[]): StoredDataset['inputShape'] {
  const [first, ...others] = parts.map(
    ({ imageShape: [, height, width, channels = 1] }) => [height!, width!, channels] as const,
  );
  others.forEach((shape, i) => {
    if (shape.join() === first!.join()) return;
    throw new FormatError(
      `the images of ${parts[i + 1]!.imagesName} are ${shape.join('×')}, but those of ${parts[0]!.imagesName} are ` +
        `${first!.join('×')}: they must have one size`,
    );
  });
  return first!;
}

/** As many as the largest label asks for. */
function indicesAsNames(parts: readonly StoredPart[]): readonly string[] {
  let most = 0;
  for (const { labels } of parts) for (const label of labels) most = Math.max(most, label);
  return Array.from({ length: most + 1 }, (_, i) => String(i));
}

function checkLabels({ labels, labelsName }: StoredPart, classes: number): void {
  const bad = labels.findIndex((label) => label >= classes);
  if (bad < 0) return;
  throw new FormatError(
    `${labelsName}: label ${bad} is ${labels[bad]}, but there are ${classes} classes, 0 to ${classes - 1}; ` +
      'it is damaged, or belongs to another dataset',
  );
}

/** @throws FormatError if an index cannot be that of a class */
export function checkLabel(label: number | bigint, at: number, labelsName: string): number {
  if (label >= 0 && label < MAX_CLASSES) return Number(label);
  throw new FormatError(
    `${labelsName}: label ${at} is ${label}, and labels are whole numbers from 0 to ${MAX_CLASSES - 1}`,
  );
}
