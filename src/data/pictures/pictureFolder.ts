/** A folder of pictures as people keep them: a folder for each class; or train, val and test, with the classes in each. */
import { join } from 'node:path';
import { codeUnitOrder } from '../../codeUnitOrder.ts';
import { DataError } from '../../errors.ts';
import { MAX_CLASSES } from '../../limits.ts';
import { entriesOf, filesBelow, type FoundFile } from './filesBelow.ts';
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
    const { folders, files } = await entriesOf(root, path);
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
    if (label === undefined) throw new DataError(unknownClass(root, folder, known));
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

/** Whether the folder has classes or parts. */
async function layoutOf(root: string): Promise<Layout> {
  const { folders, files } = await entriesOf(root, '');
  if (folders.length === 0) throw new DataError(withoutClasses(root, '', files));
  const classes: Layout = {
    places: [{ path: '', part: undefined }],
    passedOver: [],
  };
  if (!folders.includes('train')) return classes;
  const train = await entriesOf(root, 'train');
  const inTrain = { hasFolders: train.folders.length > 0, hasPictures: train.files.some(isPicture) };
  if (!areParts(folders, inTrain)) return classes;
  const stray = folders.find((folder) => !partOf(folder));
  if (stray !== undefined) {
    throw new DataError(
      `${join(root, stray)} is neither train, val nor test, which ${root} has: move it away, or into train if it is a class`,
    );
  }
  if (folders.includes('val') && folders.includes('validation'))
    throw new DataError(`${root} has both val and validation: make them one`);
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
  found: readonly { readonly part: PartName | undefined; readonly folder: string }[],
): string[] {
  const learnt = found.filter(({ part }) => part === undefined || part === 'train');
  const classNames = [...new Set(learnt.map(({ folder }) => classOf(folder)))].sort();
  if (classNames.length > MAX_CLASSES) {
    throw new DataError(
      `${root} has ${classNames.length} folders of classes, but at most ${MAX_CLASSES} can be told apart`,
    );
  }
  if (classNames.length < 2) {
    throw new DataError(
      `${root} has one class only, ${JSON.stringify(classNames[0])}: to learn to tell classes apart takes two, each in a folder`,
    );
  }
  return classNames;
}

function unknownClass(root: string, folder: string, known: readonly string[] | undefined): string {
  const where = join(root, folder);
  return known
    ? `${where} is no class of the model, which knows ${known.slice(0, 10).join(', ')}${known.length > 10 ? ', …' : ''}: rename or remove it`
    : `${where} is a class that ${join(root, 'train')} does not have: it cannot be learnt; add it there, or remove it`;
}
