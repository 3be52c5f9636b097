import { OptionError } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import { engineOptions, jsonOption } from '../modelOptions.ts';
import { optional, text } from '../options.ts';

export const command = defineCommand({
  options: {
    threads: engineOptions.threads,
    out: optional('Output:', 'The folder for the new results.', text, 'runs/<time>'),
    ...jsonOption,
  },
  examples: [['rerun runs/a', 'Trains the same again, and compares.']],
  notes:
    'Repeats a run that was completed, with the options of its run.json, and tells whether model.safetensors and ' +
    'history.csv have the same bytes; exits with 1 if they do not. The tier relaxed depends on the processor; simd ' +
    'is the same everywhere.',
  run: async (values, context) => {
    if (context.operands.length !== 1) throw new OptionError('Name one run to repeat.');
    const { rerun } = await import('../train/rerun.ts');
    await rerun(context.operands[0]!, values, context);
  },
});
