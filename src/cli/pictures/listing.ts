/** Whether a folder has the pictures that a run learnt from, without reading any of them. */
import { createHash } from 'node:crypto';
import { listPictures, type PictureFolder } from '../../data/pictures/pictureFolder.ts';
import { DataError } from '../../errors.ts';
import { isObject } from '../../isObject.ts';
import { printable } from '../text.ts';
import { count } from '../units.ts';
import { folderPath, isFolderName } from './folderOptions.ts';

/** What run.json tells of all pictures that were found. */
export interface Listing {
  /** Pictures of each class, those that cannot be read too. */
  readonly pictures: Readonly<Record<string, number>>;
  /** Of their paths in the folder, lengths in bytes and classes, sorted by path. */
  readonly sha256: string;
}

/** Of so many classes it is told how they differ. */
const MOST_CLASSES = 5;

export function listingOf({ pictures, classNames }: PictureFolder): Listing {
  const counts = new Map(classNames.map((name) => [name, 0]));
  const hash = createHash('sha256');
  for (const { path, bytes, label } of pictures) {
    const name = classNames[label]!;
    counts.set(name, counts.get(name)! + 1);
    hash.update(`${JSON.stringify([path, bytes, name])}\n`);
  }
  return { pictures: Object.fromEntries(counts), sha256: hash.digest('hex') };
}

/**
 * @param dataset  as `--dataset` takes it; anything but a folder is passed over
 * @param before  the listing of run.json; runs of before listings were kept have none, and nothing is compared
 * @param remedy  what to do about other pictures
 * @throws DataError if the folder has other pictures now, or cannot be read
 */
export async function mustHaveSamePictures(
  dataset: string,
  before: unknown,
  run: string,
  remedy: string,
): Promise<void> {
  if (!isFolderName(dataset) || !isListing(before)) return;
  const folder = await listPictures(folderPath(dataset));
  const now = listingOf(folder);
  if (now.sha256 === before.sha256) return;
  const changes = changesOf(before.pictures, now.pictures);
  const what =
    changes.length === 0
      ? 'there are as many pictures of each class, but files were renamed, or have other lengths'
      : `${changes.slice(0, MOST_CLASSES).join('; ')}${changes.length > MOST_CLASSES ? '; …' : ''}`;
  throw new DataError(printable(`${folder.root} is not as it was for ${run}: ${what}. ${remedy}`));
}

function changesOf(before: Listing['pictures'], now: Listing['pictures']): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return names.flatMap((name) => {
    const [were, are] = [before[name] ?? 0, now[name] ?? 0];
    return were === are ? [] : [`${name} has ${count(are)} pictures, where there were ${count(were)}`];
  });
}

function isListing(value: unknown): value is Listing {
  return (
    isObject(value) &&
    typeof value.sha256 === 'string' &&
    isObject(value.pictures) &&
    Object.values(value.pictures).every((pictures) => typeof pictures === 'number')
  );
}
