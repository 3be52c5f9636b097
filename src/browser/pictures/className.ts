/** What a class may be called. A class is a folder for the command line and in a zip, on any system. Pure. */
import { isIgnoredName } from '../../data/pictures/folderRules.ts';
import { comparable, FORBIDDEN, isReserved } from './fileName.ts';

const MOST_CHARACTERS = 100;

/** What file systems can name a folder with, in UTF-8. */
const MOST_BYTES = 255;

/**
 * What is wrong with a name, as a sentence, or undefined if nothing is.
 * @param others  the names of the other classes
 */
export function classNameProblem(name: string, others: readonly string[]): string | undefined {
  if (name.trim() === '') return 'A class needs a name.';
  if (Array.from(name).length > MOST_CHARACTERS || new TextEncoder().encode(name).length > MOST_BYTES)
    return `A name may have ${MOST_CHARACTERS} characters at most, fewer if they are not Latin.`;
  const forbidden = name.match(FORBIDDEN)?.[0];
  if (forbidden !== undefined) {
    const shown = /[/\\:*?"<>|]/.test(forbidden) ? forbidden : 'characters that cannot be seen';
    return `A class is a folder later, whose name cannot have ${shown} in it.`;
  }
  if (name.startsWith('.')) return 'A class is a folder later, which would be hidden with a dot in front.';
  if (/^\s|[\s.]$/.test(name))
    return 'A name cannot begin with a space, nor end with a space or a dot: systems drop them.';
  if (isIgnoredName(name) || isReserved(name))
    return 'This name has another meaning for a system: choose another.';
  const same = others.find((other) => comparable(other) === comparable(name));
  return same === undefined ? undefined : `There is a class “${same}” already.`;
}
