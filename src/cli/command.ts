import { readOptions, type Options, type Values } from './options.ts';

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
  readonly prepare: (
    given: Readonly<Record<string, string | undefined>>,
    context: Context,
  ) => () => Promise<void>;
}

/** Gives `run` the types of the options. */
export function defineCommand<O extends Options>(definition: {
  readonly options: O;
  readonly examples: Command['examples'];
  readonly notes?: string;
  readonly run: (values: Values<O>, context: Context) => Promise<void>;
}): Command {
  const { run, ...command } = definition;
  return {
    ...command,
    prepare: (given, context) => {
      const values = readOptions(definition.options, given);
      return () => run(values, context);
    },
  };
}
