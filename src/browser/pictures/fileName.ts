/** Names of files that any system takes, so that a folder of pictures can be unpacked anywhere. Pure. */
import { isIgnoredName, isPictureName } from '../../data/pictures/folderRules.ts';
import type { PictureKind } from '../../formats/pictureKind.ts';

/** What a name cannot have on some system: what is special there, what cannot be seen, and halves of characters. */
export const FORBIDDEN = /[/\\:*?"<>|\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Without what is behind the first dot, devices on Windows, of which no file can have the name. */
const DEVICES = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])$/i;

/** Characters that are left of a name, so that there is room for a number, and for as many bytes as file systems take. */
const MOST_CHARACTERS = 60;

const EXTENSIONS: Readonly<Record<PictureKind, string>> = { PNG: '.png', JPEG: '.jpg', WebP: '.webp' };

/** Whether Windows has another meaning for it. */
export function isReserved(name: string): boolean {
  return DEVICES.test(name.split('.', 1)[0]!.trimEnd());
}

/**
 * The name of a picture in a folder: as it was, but for what a system cannot have, or what would keep it from being taken for a picture.
 * @param kind  what it is by its contents, where that is known
 */
export function pictureFileName(name: string, kind: PictureKind | undefined): string {
  const clean = name.replace(FORBIDDEN, '_');
  const [stem, extension] = isPictureName(clean) ? splitName(clean) : [clean, EXTENSIONS[kind ?? 'JPEG']];
  const short = Array.from(stem.replace(/^[.\s]+/, ''))
    .slice(0, MOST_CHARACTERS)
    .join('')
    .trimEnd();
  const usable = short !== '' && !isIgnoredName(short) && !isReserved(short);
  return (usable ? short : `picture${short && `-${short}`}`) + extension;
}

/** Names in one folder. */
export class TakenNames {
  readonly #names: Set<string>;
  /** So that the thousandth of a name need not try them all. */
  readonly #numbers = new Map<string, number>();

  constructor(names: Iterable<string> = []) {
    this.#names = new Set(Array.from(names, comparable));
  }

  /** Takes the name, or if another has it, that with a number: cat.jpg, cat-2.jpg, … Upper and lower case count as equal. */
  take(name: string): string {
    const [stem, extension] = splitName(name);
    let free = name;
    let number = this.#numbers.get(comparable(name)) ?? 2;
    while (this.#names.has(comparable(free))) free = `${stem}-${number++}${extension}`;
    this.#names.add(comparable(free));
    this.#numbers.set(comparable(name), number);
    return free;
  }
}

/** Names that are equal by it are one file on some system. */
export function comparable(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** @returns what is before the last dot, and the rest with the dot */
function splitName(name: string): [stem: string, extension: string] {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
}
