/** A look at all pictures of a folder: what there is, what cannot be read, and what is there twice. */
import { codeUnitOrder } from '../../codeUnitOrder.ts';
import { join } from 'node:path';
import type { Dataset } from '../dataset.ts';
import { decodePictures, type DecodeWatch } from './decodePictures.ts';
import type { ListedPicture, PartName, PictureFolder } from './pictureFolder.ts';
import type { Parts } from './split.ts';

export interface Extent {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Pictures that are the same. */
export interface Duplicates {
  /** Within the folder. */
  readonly paths: readonly string[];
  /** Whether they are in several of train, validation and test: what is tested was then trained on. */
  readonly acrossParts: boolean;
  /** Whether they are said to be of several classes. */
  readonly acrossClasses: boolean;
}

export interface FolderReport {
  readonly folder: string;
  /** Of all, with those that cannot be read. */
  readonly pictures: number;
  readonly classes: readonly ({ readonly name: string } & Readonly<Record<PartName, number>>)[];
  /** How many files there are of each format, by what is in them. */
  readonly formats: Readonly<Record<string, number>>;
  /** In pixels; undefined if nothing can be read. */
  readonly width: Extent | undefined;
  readonly height: Extent | undefined;
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
  /** What is no picture, or not where pictures are looked for. */
  readonly passedOver: readonly string[];
  /** Files with the same bytes. */
  readonly sameFiles: readonly Duplicates[];
  /** Files of which some have other bytes, but all show the same pixels. */
  readonly samePixels: readonly Duplicates[];
}

export interface Inspection {
  readonly report: FolderReport;
  /** Some pictures of each class, small; undefined if none can be read. */
  readonly samples: Dataset | undefined;
}

/** Of the samples: pixels on a side, pictures of a class, and classes, as many as fit on a sheet. */
const SIDE = 64;
const PER_CLASS = 10;
const MOST_CLASSES = 50;

interface Seen {
  readonly picture: ListedPicture;
  readonly part: PartName;
  readonly file: string;
  readonly pixels: string;
}

/** Decodes every picture. @throws the signal's reason */
export async function inspectPictures(
  folder: PictureFolder,
  parts: Parts,
  watch: DecodeWatch,
): Promise<Inspection> {
  const all = (['train', 'validation', 'test'] as const).flatMap((part) =>
    parts[part].map((picture) => ({ picture, part })),
  );
  const shown = samplesOf(all.map(({ picture }) => picture));
  const seen: (Seen & { readonly width: number; readonly height: number; readonly format: string })[] = [];
  const unreadable: { path: string; reason: string }[] = [];
  const thumbnails = new Map<ListedPicture, Uint8Array>();
  const requests = all.map(({ picture }) => ({
    path: join(folder.root, picture.path),
    hashes: true,
    ...(shown.has(picture) && { geometry: { width: SIDE, height: SIDE, fit: 'fit' as const } }),
  }));
  let index = 0;
  for await (const reply of decodePictures(requests, watch)) {
    const { picture, part } = all[index++]!;
    if ('failure' in reply) {
      unreadable.push({ path: picture.path, reason: reply.failure });
      continue;
    }
    const { width, height, format, hashes, pixels } = reply.decoded;
    if (pixels) thumbnails.set(picture, pixels);
    seen.push({ picture, part, ...hashes!, width, height, format });
  }
  // They come part by part.
  seen.sort((a, b) => codeUnitOrder(a.picture.path, b.picture.path));
  return {
    report: {
      folder: folder.root,
      pictures: all.length,
      classes: countsOf(folder, parts),
      formats: tally(seen.map(({ format }) => format)),
      width: extentOf(seen.map(({ width }) => width)),
      height: extentOf(seen.map(({ height }) => height)),
      unreadable: unreadable.sort((a, b) => codeUnitOrder(a.path, b.path)),
      passedOver: folder.passedOver,
      sameFiles: groupsOf(seen, ({ file }) => file).map(duplicatesOf),
      samePixels: groupsOf(seen, ({ pixels }) => pixels)
        .filter((group) => new Set(group.map(({ file }) => file)).size > 1)
        .map(duplicatesOf),
    },
    samples: sheetOf(
      folder,
      [...shown].filter((picture) => thumbnails.has(picture)),
      thumbnails,
    ),
  };
}

/** The first pictures of the first classes. */
function samplesOf(pictures: readonly ListedPicture[]): Set<ListedPicture> {
  const taken = new Map<number, number>();
  return new Set(
    pictures.filter(({ label }) => {
      const before = taken.get(label) ?? 0;
      taken.set(label, before + 1);
      return label < MOST_CLASSES && before < PER_CLASS;
    }),
  );
}

function sheetOf(
  { classNames }: PictureFolder,
  pictures: readonly ListedPicture[],
  thumbnails: ReadonlyMap<ListedPicture, Uint8Array>,
): Dataset | undefined {
  if (pictures.length === 0) return undefined;
  const size = SIDE * SIDE * 3;
  const images = new Uint8Array(pictures.length * size);
  pictures.forEach((picture, i) => {
    images.set(thumbnails.get(picture)!, i * size);
  });
  const labels = Uint8Array.from(pictures, ({ label }) => label);
  return {
    images,
    labels,
    count: pictures.length,
    width: SIDE,
    height: SIDE,
    channels: 3,
    classNames: classNames.slice(0, MOST_CLASSES),
  };
}

function countsOf({ classNames }: PictureFolder, parts: Parts): FolderReport['classes'] {
  const counts = classNames.map((name) => ({ name, train: 0, validation: 0, test: 0 }));
  for (const part of ['train', 'validation', 'test'] as const)
    for (const { label } of parts[part]) counts[label]![part]++;
  return counts;
}

/** Those that have a key in common with others. */
function groupsOf(seen: readonly Seen[], keyOf: (one: Seen) => string): Seen[][] {
  const groups = new Map<string, Seen[]>();
  for (const one of seen) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

function duplicatesOf(group: readonly Seen[]): Duplicates {
  return {
    paths: group.map(({ picture }) => picture.path),
    acrossParts: new Set(group.map(({ part }) => part)).size > 1,
    acrossClasses: new Set(group.map(({ picture }) => picture.label)).size > 1,
  };
}

function tally(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values.toSorted()) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

function extentOf(values: readonly number[]): Extent | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) return undefined;
  return { min, median: sorted[Math.floor(sorted.length / 2)]!, max };
}
