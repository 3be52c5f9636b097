/** Which pictures are to be trained on, to validate with and to test with. */
import { codeUnitOrder } from '../../codeUnitOrder.ts';
import { randomStream } from '../../random.ts';
import type { ListedPicture, PartName, PictureFolder } from './pictureFolder.ts';

export interface SplitOptions {
  /** The share of the pictures that is kept for the test, where there is no folder for it; from 0 on and below 1. */
  readonly testSplit: number;
  /** The same for validation, of the pictures that are left. */
  readonly validationSplit: number;
  /** Of the choice. */
  readonly splitSeed: number;
}

/** Where nothing else is said. */
export const USUAL_SPLIT: SplitOptions = { testSplit: 0.1, validationSplit: 0.2, splitSeed: 0 };

/** What of a picture decides which part it is in. */
export type SplitPicture = Pick<ListedPicture, 'path' | 'label' | 'part'>;

export type Parts<Picture extends SplitPicture = ListedPicture> = Readonly<
  Record<PartName, readonly Picture[]>
>;

/**
 * The parts of a folder: those that have folders of their own, and what is taken from the training pictures for the others, the
 * same share of each class. Which pictures these are depends on the seed and on their paths alone, and those of the test not on
 * the share for validation. Each part is in random order, so that classes are mixed from its beginning on.
 */
export function splitPictures<Picture extends SplitPicture>(
  {
    pictures,
    parts,
    classNames,
  }: Pick<PictureFolder, 'parts' | 'classNames'> & { readonly pictures: readonly Picture[] },
  options: SplitOptions,
): Parts<Picture> {
  const { testSplit, validationSplit, splitSeed } = options;
  const keys = new Map(
    pictures.map((picture) => [picture, randomStream(splitSeed, `pictures/${picture.path}`).uint32()]),
  );
  const mixed = pictures.toSorted((a, b) => keys.get(a)! - keys.get(b)! || codeUnitOrder(a.path, b.path));
  const result: Record<PartName, Picture[]> = {
    train: [],
    validation: mixed.filter(({ part }) => part === 'validation'),
    test: mixed.filter(({ part }) => part === 'test'),
  };
  const learnt = mixed.filter(({ part }) => part === undefined || part === 'train');
  const counted = new Uint32Array(classNames.length);
  for (const { label } of learnt) counted[label]!++;
  const left = Array.from(counted, (all) => {
    const test = parts.includes('test') ? 0 : partOf(all, testSplit, all);
    const validation = parts.includes('validation') ? 0 : partOf(all - test, validationSplit, all);
    return { test, validation };
  });
  for (const picture of learnt) {
    const counts = left[picture.label]!;
    const part = counts.test-- > 0 ? 'test' : counts.validation-- > 0 ? 'validation' : 'train';
    result[part].push(picture);
  }
  return result;
}

/** How many of `count` pictures are a share: at least one of a class of three or more, but never all. */
function partOf(count: number, share: number, inClass: number): number {
  if (share === 0) return 0;
  const least = inClass >= 3 ? 1 : 0;
  return Math.max(Math.min(Math.max(Math.floor(count * share + 0.5), least), count - 1), 0);
}
