#!/usr/bin/env node
import { SimdnetError } from '../errors.ts';
import { runCommandLine } from './commandLine.ts';
import { handleSignals, interruptWork } from './interrupt.ts';
import { report } from './report.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read our output, such as `head`, may have seen enough and gone: no reason to complain, or to go on. Work
  // that has something to save is interrupted as by Ctrl-C.
  if (error.code === 'EPIPE') {
    if (interruptWork()) return;
    process.exit(0);
  }
  process.exit(report(new SimdnetError(`The output cannot be written: ${error.message}`, { cause: error })));
});
process.stderr.on('error', () => undefined);

handleSignals();

// The process then ends by itself, when everything is written.
process.exitCode = await runCommandLine(process.argv.slice(2)).catch(report);
