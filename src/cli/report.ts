import { inspect } from 'node:util';
import { OptionError } from '../errors.ts';
import { Interrupted, interruptedCode } from './interrupt.ts';
import { printable } from './text.ts';

/** Exit codes: what failed, what was called wrongly. Those of what was interrupted are in interrupt.ts. */
export const FAILED = 1;
export const WRONG_USAGE = 2;

/** Tells a person about an error on stderr. @returns the exit code for it */
export function report(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`simdnet: ${printable(message)}\n`);
  if (process.env.DEBUG) process.stderr.write(`${inspect(error, { colors: false })}\n`);
  if (error instanceof Interrupted) return interruptedCode();
  return error instanceof OptionError ? WRONG_USAGE : FAILED;
}
