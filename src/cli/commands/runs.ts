import { OptionError } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import { jsonOption } from '../modelOptions.ts';

export const command = defineCommand({
  options: { ...jsonOption },
  examples: [
    ['runs', 'Those in the folder runs.'],
    ['runs experiments --json', 'Those in another folder, for programs.'],
  ],
  notes:
    'A run is completed, running, stopped (by Ctrl-C or SIGTERM), failed, killed (also by a second Ctrl-C), or damaged, ' +
    'if its run.json is. What was stopped, killed or failed goes on with "simdnet train --resume RUN".',
  run: async ({ json }, { operands }) => {
    if (operands.length > 1) throw new OptionError('Name one folder at most.');
    const [folder = 'runs'] = operands;
    const [{ listRuns, runsTable }, { printJson }, { Terminal }] = await Promise.all([
      import('../runList.ts'),
      import('../json.ts'),
      import('../terminal.ts'),
    ]);
    const runs = await listRuns(folder);
    if (json) for (const run of runs) printJson(run);
    else process.stdout.write(`${runsTable(runs, folder, new Terminal(process.stdout).width)}\n`);
  },
});
