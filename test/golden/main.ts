/** `npm run -s golden -- CASE_FOLDER OUT.safetensors [--tier T]`: a case of Keras through the public API, as a file. */
import { writeFile } from 'node:fs/promises';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { encodeSafetensors } from '../../src/formats/safetensors.ts';
import { runCase } from './run.ts';

await yargs(hideBin(process.argv))
  .scriptName('npm run golden --')
  .command(
    '$0 <case> <out>',
    'Runs a case that Keras computed, and writes what simdnet makes of it under the names of expected.safetensors.',
    (command) =>
      command
        .positional('case', { type: 'string', demandOption: true, describe: 'the folder of the case' })
        .positional('out', { type: 'string', demandOption: true, describe: 'the file to write' })
        .option('tier', { choices: ['auto', 'simd', 'relaxed', 'turbo'] as const, default: 'auto' as const })
        .option('threads', { type: 'number', describe: 'all cores by default' }),
    async ({ case: folder, out, tier, threads }) => {
      await writeFile(out, encodeSafetensors(await runCase(folder, tier, threads)));
    },
  )
  .strict()
  .help()
  .parseAsync();
