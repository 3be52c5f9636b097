import { OptionError } from '../errors.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './commandTable.ts';
import { nearest } from '../suggest.ts';

/** Says in our words what yargs found wrong, with the word that was probably meant. */
export function usageError(
  error: Error,
  args: readonly string[],
  common: readonly string[],
  { loaded, path }: { readonly loaded?: Command; readonly path: readonly string[] },
): OptionError {
  const cause = { cause: error };
  const valueless = /^Not enough arguments following: (.+)$/.exec(error.message);
  if (valueless) return new OptionError(`--${valueless[1]!} needs a value.`, cause);
  if (error.message.startsWith('Not enough non-option arguments')) {
    return new OptionError(`Not enough arguments.${seeHelp(path)}`, cause);
  }
  if (!error.message.startsWith('Unknown')) return new OptionError(error.message, cause);
  const known = [...Object.keys(loaded?.options ?? {}), ...common];
  const end = args.indexOf('--');
  const words = end < 0 ? args : args.slice(0, end);
  const option = words
    .filter((word) => /^-+[a-z]/i.test(word))
    .map((word) => word.split('=')[0]!)
    .find((word) => !known.includes(word.slice(2)) || !word.startsWith('--'));
  if (option !== undefined) {
    const meant = nearest(option.replace(/^-+/, ''), known);
    return new OptionError(
      `Unknown option ${option}.${meant ? ` Did you mean --${meant}?` : seeHelp(path)}`,
      cause,
    );
  }
  const word = /: (.+?)(, |$)/.exec(error.message)?.[1] ?? '';
  if (loaded) return new OptionError(`Unexpected argument ${word}.${seeHelp(path)}`, cause);
  const names = Object.keys(path.length > 0 ? COMMANDS[path[0]!]!.subcommands! : COMMANDS);
  const meant = nearest(word, names);
  const command = [...path, word].join(' ');
  return new OptionError(
    `Unknown command ${command}.${meant ? ` Did you mean ${[...path, meant].join(' ')}?` : seeHelp(path)}`,
    cause,
  );
}

function seeHelp(path: readonly string[]): string {
  return ` See ${['simdnet', ...path].join(' ')} --help.`;
}
