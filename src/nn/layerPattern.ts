/** Layers named by a pattern. */
import { OptionError } from '../errors.ts';

/**
 * The names that patterns fit: several with commas between them, in which `*` stands for any letters and `?` for one.
 * @throws OptionError if one of them fits none, listing the names
 */
export function namesLike(patterns: string, names: readonly string[]): Set<string> {
  const found = patterns.split(',').flatMap((given) => {
    const pattern = given.trim();
    const literal = pattern.replace(/[^\w*?]/g, '\\$&');
    const like = new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`);
    const fitting = names.filter((name) => like.test(name));
    if (fitting.length > 0) return fitting;
    throw new OptionError(`No layer is named like "${pattern}": there are ${names.join(', ')}.`);
  });
  return new Set(found);
}
