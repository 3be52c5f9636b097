import { readOptions, type Options, type Values } from './options.ts';

/** Values of options as they were typed, by the options' names. */
export type Texts = Readonly<Record<string, string | undefined>>;

/** What a command is given besides its options. */
export interface Context {
  /** The arguments that are no options, such as the images to predict. */
  readonly operands: readonly string[];
  /** Everything after `simdnet`, as it was typed. */
  readonly commandLine: readonly string[];
  /** The names of the options that were given. */
  readonly given: ReadonlySet<string>;
}

/** A command as one file of commands/ describes it. */
export interface Command {
  readonly options: Options;
  /** Command lines without `simdnet`, and what they do. */
  readonly examples: readonly (readonly [commandLine: string, meaning: string])[];
  /** More for the end of the help. */
  readonly notes?: string;
  /** Checks the options, all of them. @returns what then does the work @throws OptionError */
  readonly prepare: (given: Texts, context: Context) => () => Promise<void>;
}

/** Gives `run` the types of the options. */
export function defineCommand<O extends Options>(definition: {
  readonly options: O;
  readonly examples: Command['examples'];
  readonly notes?: string;
  /** What is given besides what was typed, such as by a file; and what was typed. */
  readonly complete?: (typed: Texts, operands: readonly string[]) => Promise<Texts>;
  readonly run: (values: Values<O>, context: Context) => Promise<void>;
}): Command {
  const { run, complete, ...command } = definition;
  return {
    ...command,
    prepare: (given, context) => {
      const values = readOptions(definition.options, given);
      if (!complete) return () => run(values, context);
      return async () => {
        const all = await complete(given, context.operands);
        const names = Object.keys(all).filter((name) => all[name] !== undefined);
        await run(readOptions(definition.options, all), { ...context, given: new Set(names) });
      };
    },
  };
}
