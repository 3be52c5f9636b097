/** The command line: which commands there are, and how their options are read and explained. */
import yargs, { type Argv } from 'yargs';
import type { Command } from './command.ts';
import { COMMANDS, type Entry } from './commandTable.ts';
import { flag, readOptions, type Options } from './options.ts';
import { WRONG_USAGE } from './report.ts';
import { usageError } from './usageError.ts';
import { version } from './version.ts';

const COMMON: Options = { 'no-color': flag('Other:', 'Print without colours, as with NO_COLOR=1.') };
const NO_COMMAND = 'no command';

/** What yargs has found. */
interface Parsed {
  readonly command: Command;
  readonly argv: Readonly<Record<string, unknown>>;
  readonly operands: readonly string[];
}

/**
 * Runs what the arguments ask for.
 * @returns the exit code
 * @throws OptionError for wrong usage, and what the command throws
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const parsed = await parse(args);
  if (typeof parsed === 'string') {
    process.stdout.write(`${parsed}\n`);
    return 0;
  }
  if (parsed === undefined) {
    const help = await parse([...args, '--help']);
    if (typeof help === 'string') process.stderr.write(`${help}\n`);
    return WRONG_USAGE;
  }
  const { command, argv, operands } = parsed;
  const given: Record<string, string | undefined> = {};
  for (const name of Object.keys(command.options)) given[name] = lastText(argv[name]);
  if (readOptions(COMMON, { 'no-color': lastText(argv['no-color']) }).noColor) process.env.NO_COLOR = '1';
  // Everything is checked before anything is done.
  const run = command.prepare(given, {
    operands,
    commandLine: args,
    given: new Set(Object.keys(given).filter((name) => given[name] !== undefined)),
  });
  await run();
  return Number(process.exitCode ?? 0);
}

/** @returns the command, or the help or version that was asked for, or undefined if no command was named */
async function parse(args: readonly string[]): Promise<Parsed | string | undefined> {
  const state: { loaded?: Command; path: string[]; parsed?: Parsed } = { path: [] };
  const parser = yargs()
    .scriptName('simdnet')
    .locale('en')
    .usage('$0 <command>\n\nConvolutional networks, trained and run in WebAssembly SIMD.')
    .exitProcess(false)
    .fail(false)
    .strict()
    .version(version())
    .wrap(Math.min(80, process.stdout.columns || 80))
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
    })
    .example('$0 train --dataset shapes', 'Needs no download.')
    .example('$0 predict --model FILE cat.jpg', 'What is on a picture.')
    .epilogue(
      'Exit codes: 0 fine, 1 failed, 2 wrong usage, 130 interrupted by Ctrl-C, 143 by SIGTERM. ' +
        'simdnet <command> --help tells more about each command.',
    );
  describe(parser, COMMON).group(['help', 'version'], 'Other:');
  addCommands(parser, COMMANDS, [], state);
  let output = '';
  try {
    await parser.parseAsync([...args], {}, (_error: unknown, _argv: unknown, text: string) => {
      output = text;
    });
  } catch (error) {
    if ((error as Error).message === NO_COMMAND) return undefined;
    throw usageError(error as Error, args, [...Object.keys(COMMON), 'help', 'version'], state);
  }
  return state.parsed ?? output;
}

function addCommands(
  parser: Argv,
  entries: Readonly<Record<string, Entry>>,
  parents: readonly string[],
  state: { loaded?: Command; path: string[]; parsed?: Parsed },
): void {
  for (const [name, { describe: about, operands, load, subcommands }] of Object.entries(entries)) {
    parser.command(
      operands ? `${name} ${operands.usage}` : name,
      about,
      async (inner: Argv) => {
        state.path = [...parents, name];
        if (subcommands) addCommands(inner, subcommands, state.path, state);
        if (!load) return inner;
        const { command } = await load();
        state.loaded = command;
        describe(inner, command.options);
        if (operands) {
          const { describe: meaning, defaultDescription } = operands;
          inner.positional(operands.name, {
            describe: meaning,
            type: 'string',
            ...(defaultDescription && { defaultDescription }),
          });
        }
        for (const [line, meaning] of command.examples) inner.example(`$0 ${line}`, meaning);
        return inner.epilogue(command.notes ?? '');
      },
      (argv: Readonly<Record<string, unknown>>) => {
        const named = operands ? [argv[operands.name]].flat() : [];
        // What follows `--` is left over by yargs.
        const rest = (argv._ as unknown[]).slice(parents.length + 1);
        const all = [...named, ...rest].filter((operand) => operand !== undefined).map(String);
        state.parsed = { command: state.loaded!, argv, operands: all };
      },
    );
  }
  parser.demandCommand(1, NO_COMMAND);
}

/** Tells yargs about options. Their values stay text: the check is ours, and its messages too. */
function describe(parser: Argv, options: Options): Argv {
  for (const [name, option] of Object.entries(options)) {
    parser.option(name, {
      describe: option.describe,
      group: option.group,
      ...(option.flag ? { boolean: true } : { requiresArg: true }),
      ...(option.defaultText !== undefined && { defaultDescription: option.defaultText }),
    });
  }
  return parser;
}

/** The value of an option as text. Given several times, the last one counts, as in most programs. */
function lastText(value: unknown): string | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'string' || typeof last === 'boolean' ? String(last) : undefined;
}
