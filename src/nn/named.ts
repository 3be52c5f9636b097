/** Definitions found by name, and what Keras writes of an object: shared by initializers, schedules and regularizers. */
import { FormatError, OptionError } from '../errors.ts';
import { isObject } from '../isObject.ts';
import { quoted } from '../quoted.ts';
import { nearest } from '../suggest.ts';

/**
 * Finds definitions by name, in any of the ways that Keras has to spell one: heNormal, he_normal, HeNormal.
 * @param what     what they are, for messages: "initializer"
 * @param aliases  other names, and whose they are
 * @returns the function that finds one; it throws an OptionError, with the name probably meant, if there is none
 */
export function byName<D extends { readonly name: string }>(
  what: string,
  definitions: readonly D[],
  aliases: Readonly<Record<string, string>> = {},
): (name: unknown) => D {
  const found = new Map(definitions.map((each) => [plain(each.name), each]));
  for (const [alias, name] of Object.entries(aliases)) found.set(plain(alias), found.get(plain(name))!);
  return (name) => {
    const definition = typeof name === 'string' ? found.get(plain(name)) : undefined;
    if (definition) return definition;
    const meant = typeof name === 'string' ? nearest(plain(name), [...found.keys()]) : undefined;
    const remedy =
      meant === undefined
        ? `there are ${definitions.map((each) => each.name).join(', ')}.`
        : `did you mean "${found.get(meant)!.name}"?`;
    throw new OptionError(`There is no ${what} ${quoted(name)}; ${remedy}`);
  };
}

function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/** Options as objects give them; a name in them says whose they are. */
export type Options = Readonly<Record<string, unknown>>;

/**
 * What Keras writes of an object, `{ "class_name": "CosineDecay", "config": { "decay_steps": 4, … } }` or a name alone,
 * made into settings.
 * @param what  what it is, for messages: "initializer"
 * @param json  the parsed JSON, which is not trusted
 * @param configure  makes settings of the class' name and its options, in camel case and without those that are null
 * @throws FormatError if it is none, or an option is refused
 */
export function ofKeras<C>(
  what: string,
  json: unknown,
  configure: (className: string, options: Options) => C,
): C {
  const { class_name: className, config = {} } = isObject(json) ? json : { class_name: json };
  if (typeof className !== 'string' || !isObject(config)) {
    throw new FormatError(
      `Keras' ${what} must be an object with class_name and config, or a name, not ${quoted(json)}.`,
    );
  }
  const options = Object.entries(config).filter(([key, value]) => key !== 'name' && value !== null);
  try {
    return configure(className, Object.fromEntries(options.map(([key, value]) => [camelCase(key), value])));
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new FormatError(`Keras' ${what} ${className}: ${error.message}`, { cause: error });
  }
}

function camelCase(key: string): string {
  return key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
