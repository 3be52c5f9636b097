/** The benchmarks: `npm run bench -- <what>`. How to read them: bench/README.md. */
import { cpus } from 'node:os';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { benchStep, formatStep } from './step.ts';

/** Where and when the figures were taken. */
function circumstances(): Record<string, string | number> {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]!.model,
    cores: cpus().length,
    node: process.version,
    v8: process.versions.v8,
  };
}

await yargs(hideBin(process.argv))
  .scriptName('npm run bench --')
  .command(
    ['step', '$0'],
    'training steps and inference, for one and for all threads, beside onnxruntime-node',
    (args) =>
      args
        .option('repetitions', { type: 'number', default: 20, describe: 'timed runs of each, of 4 batches' })
        .option('json', { type: 'boolean', default: false, describe: 'print JSON instead of a table' }),
    async ({ repetitions, json }) => {
      const result = await benchStep(repetitions);
      const where = circumstances();
      console.log(
        json
          ? JSON.stringify({ ...where, ...result }, undefined, 2)
          : `${Object.values(where).join(' · ')}\n\n${formatStep(result)}`,
      );
    },
  )
  .strict()
  .help()
  .parseAsync();
