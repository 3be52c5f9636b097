/** A folder of pictures as people keep them: a folder for each class; or train, val and test, with the classes in each. */
import { join } from 'node:path';
import { codeUnitOrder } from '../../codeUnitOrder.ts';
import { DataError } from '../../errors.ts';
import { MAX_CLASSES } from '../../limits.ts';
import { DEAD_LINK } from '../../files/deadLink.ts';
import { entriesOf, filesBelow, type Entries, type FoundFile } from './filesBelow.ts';
import { areParts, isPictureName, partOf, type PartName } from './folderRules.ts';

export type { PartName } from './folderRules.ts';

export interface ListedPicture extends FoundFile {
  /** The index of its class. */
  readonly label: number;
  /** Whose folder it is in, where there are such folders. */
  readonly part: PartName | undefined;
}

export interface PictureFolder {
  readonly root: string;
  /** The name of each class, by index. */
  readonly classNames: readonly string[];
  /** The parts that have a folder of their own; none where the folder has nothing but classes. */
  readonly parts: readonly PartName[];
  /** Sorted by the code units of their paths within the folder. */
  readonly pictures: readonly ListedPicture[];
  /** Files that are no pictures, or not where pictures are looked for. */
  readonly passedOver: readonly string[];
}

const KINDS = 'png, jpg, jpeg, webp';

/** What is known of the folder before its classes are read. */
interface Layout {
  /** Folders with classes in them, and the parts that they stand for. */
  readonly places: readonly { readonly path: string; readonly part: PartName | undefined }[];
  readonly passedOver: readonly string[];
}

/**
 * The pictures of a folder and of the folders in it, without reading any of them.
 * @param known  the classes, where they are known: those of a model. Then not all of them need be there
 * @throws DataError if it cannot be read, or there is nothing in it that a classifier can be trained on
 */
export async function listPictures(root: string, known?: readonly string[]): Promise<PictureFolder> {
  const { places, passedOver } = await layoutOf(root);
  const others = [...passedOver];
  const found: (Omit<ListedPicture, 'label'> & { folder: string })[] = [];
  for (const { path, part } of places) {
    const { folders, files } = await liveEntriesOf(root, path);
    others.push(...files.map((file) => file.path));
    if (folders.length === 0) throw new DataError(withoutClasses(root, path, files));
    for (const folder of folders) {
      const all = await filesBelow(root, folder);
      const pictures = all.filter(isPicture);
      others.push(...all.filter((file) => !isPicture(file)).map((file) => file.path));
      if (pictures.length === 0) {
        throw new DataError(
          `${join(root, folder)} has no pictures (${KINDS}), so its class cannot be learnt: put some into it, or remove it`,
        );
      }
      for (const picture of pictures) found.push({ ...picture, part, folder });
    }
  }
  const classNames = known ?? classesOf(root, found);
  const labels = new Map(classNames.map((name, label) => [name, label]));
  const pictures = found.map(({ folder, ...picture }) => {
    const label = labels.get(classOf(folder));
    if (label === undefined) throw new DataError(unknownClass(root, folder, known, places));
    return { ...picture, label };
  });
  return {
    root,
    classNames,
    parts: [...new Set(places.flatMap(({ part }) => part ?? []))],
    pictures: pictures.sort((a, b) => codeUnitOrder(a.path, b.path)),
    passedOver: others.sort(),
  };
}

/** The class of a folder. */
function classOf(folder: string): string {
  return folder.slice(folder.lastIndexOf('/') + 1);
}

function isPicture({ path }: FoundFile): boolean {
  return isPictureName(path);
}

/** What is in a folder whose folders are classes or parts. @throws DataError for a link to nothing: a class would be missing unnoticed */
async function liveEntriesOf(root: string, path: string): Promise<Entries> {
  const entries = await entriesOf(root, path);
  const [dead] = entries.deadLinks;
  if (dead !== undefined) throw new DataError(`cannot read ${join(root, dead)}: ${DEAD_LINK}`);
  return entries;
}

/** Whether the folder has classes or parts. */
async function layoutOf(root: string): Promise<Layout> {
  const { folders, files } = await liveEntriesOf(root, '');
  if (folders.length === 0) throw new DataError(withoutClasses(root, '', files));
  const classes: Layout = {
    places: [{ path: '', part: undefined }],
    passedOver: [],
  };
  const train = await Promise.all(
    folders.filter((folder) => partOf(folder) === 'train').map((folder) => entriesOf(root, folder)),
  );
  const inTrain = {
    hasFolders: train.some((entries) => entries.folders.length > 0),
    hasPictures: train.some((entries) => entries.files.some(isPicture)),
  };
  if (!areParts(folders, inTrain)) return classes;
  const stray = folders.find((folder) => !partOf(folder));
  if (stray !== undefined) {
    throw new DataError(
      `${join(root, stray)} is neither train, val nor test, which ${root} has: move it away, or into train if it is a class`,
    );
  }
  const named = new Map<PartName, string>();
  for (const folder of folders) {
    const part = partOf(folder)!;
    const other = named.get(part);
    if (other !== undefined)
      throw new DataError(`${root} has both ${other} and ${folder}, which mean the same: make them one`);
    named.set(part, folder);
  }
  return {
    places: folders.map((path) => ({ path, part: partOf(path)! })),
    passedOver: files.map(({ path }) => path),
  };
}

function withoutClasses(root: string, path: string, files: readonly FoundFile[]): string {
  const folder = join(root, path);
  const what = files.some(isPicture) ? 'has pictures, but no folders' : 'is empty';
  return `${folder} ${what}: it must have a folder for each class, with the pictures of the class in it`;
}

/** The classes to learn. @throws DataError if they are none, or too many */
function classesOf(
  root: string,
  found: readonly {
    readonly part: PartName | undefined;
    readonly folder: string;
    readonly path: string;
  }[],
): string[] {
  const learnt = found.filter(({ part }) => part === undefined || part === 'train');
  const classNames = [...new Set(learnt.map(({ folder }) => classOf(folder)))].sort();
  if (classNames.length > MAX_CLASSES) {
    throw new DataError(
      `${root} has ${classNames.length} folders of classes, but at most ${MAX_CLASSES} can be told apart`,
    );
  }
  if (classNames.length < 2) {
    const inner = wrapped(learnt);
    throw new DataError(
      `${root} has one class only, ${JSON.stringify(classNames[0])}: to learn to tell classes apart takes two, each in a folder${inner === undefined ? '' : `; did you mean ${join(root, inner)}?`}`,
    );
  }
  return classNames;
}

/** The folder that all of them are below, if it has folders with pictures and no pictures itself: an archive may have been unpacked to it. */
function wrapped(found: readonly { readonly path: string }[]): string | undefined {
  const folders = found.map(({ path }) => path.split('/').slice(0, -1));
  const [first = []] = folders;
  const differs = first.findIndex((name, depth) => folders.some((other) => other[depth] !== name));
  // One whose own pictures are among them is a class.
  const inside = differs > 0 && folders.every((other) => other.length > differs);
  return inside ? first.slice(0, differs).join('/') : undefined;
}

function unknownClass(
  root: string,
  folder: string,
  known: readonly string[] | undefined,
  places: Layout['places'],
): string {
  const where = join(root, folder);
  const train = places.find(({ part }) => part === 'train')?.path ?? 'train';
  return known
    ? `${where} is no class of the model, which knows ${known.slice(0, 10).join(', ')}${known.length > 10 ? ', …' : ''}: rename or remove it`
    : `${where} is a class that ${join(root, train)} does not have: it cannot be learnt; add it there, or remove it`;
}
