/** What the commands share: their options, and what becomes of a report. */
import type { CommandModule, Options } from 'yargs';
import { environment, type Environment } from './environment.ts';
import { findImages, openImages } from './images.ts';
import type { Effort } from './measure.ts';
import { measureTurbo } from './tiers.ts';
import { readResults, resultName, save, toJson, toMarkdown, type Report } from './report.ts';

export interface BenchOptions {
  readonly quick: boolean;
  readonly repetitions: number | undefined;
  readonly json: boolean;
  readonly save: boolean;
  readonly dataDir: string | undefined;
  readonly turbo: boolean;
}

const OPTIONS: Readonly<Record<keyof BenchOptions, Options>> = {
  quick: {
    type: 'boolean',
    default: false,
    describe: 'few repetitions: to see that it runs, not to be quoted',
  },
  repetitions: { type: 'number', describe: 'timed runs of each contender (default: 20, or 3 with --quick)' },
  json: { type: 'boolean', default: false, describe: 'print JSON instead of tables' },
  dataDir: {
    type: 'string',
    describe:
      'the folder of CIFAR-10 (default: $CIFAR10_DIR, the cache, or ../shared; without it, drawn shapes)',
  },
  turbo: { type: 'boolean', default: false, describe: 'measure the build for AVX2, too: Node 24 or newer' },
  save: { type: 'boolean', default: false, describe: 'also write bench/results/: tables, JSON and a chart' },
};

const FROM: Options = {
  type: 'string',
  describe: 'measure nothing: tables and chart of a JSON file that --save wrote, drawn anew',
};

/**
 * A command that takes measurements and reports them.
 * @param more  options that only it has
 * @param redraw  the report of what was measured before, with `--from`
 */
export function benchCommand<E extends object = object>(
  command: string | readonly string[],
  describe: string,
  run: (effort: Effort, quick: boolean, options: E) => Promise<Report>,
  more?: Readonly<Record<keyof E, Options>>,
  redraw?: (data: object) => Report,
): CommandModule<object, BenchOptions & E & { readonly from?: string }> {
  return {
    command,
    describe,
    builder: (args) => args.options({ ...OPTIONS, ...(redraw && { from: FROM }), ...more }) as never,
    handler: async (options) => {
      if (redraw && options.from !== undefined) {
        const { name, where, data } = await readResults(options.from, [command].flat()[0]!);
        await tell(redraw(data), where, options, name);
        return;
      }
      const { quick } = options;
      const repetitions = options.repetitions ?? (quick ? 3 : 20);
      if (options.turbo) measureTurbo();
      await openImages(await findImages(options.dataDir));
      const where = await environment();
      const report = await run({ repetitions, warmUp: quick ? 0.3 : 1 }, quick, options as unknown as E);
      await tell(report, where, options, resultName(report, where));
    },
  };
}

/** Prints a report, and saves it under a name if that is wanted. */
async function tell(report: Report, where: Environment, options: BenchOptions, name: string): Promise<void> {
  process.stdout.write(options.json ? toJson(report, where) : toMarkdown(report, where));
  if (options.save) progress(`wrote ${(await save(report, where, name)).join(', ')}`);
}

/** A line that says what is going on, apart from the report. */
export function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}
