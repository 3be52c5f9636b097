import { flag, refuseUnknown } from '../../../nn/layers/options.ts';
import type { Callbacks } from '../../callbacks.ts';
import { LogFile } from './logFile.ts';

export interface JsonLinesLoggerOptions {
  filename: string;
  /** Whether to go on behind what is in the file already; false by default. */
  append?: boolean;
}

export const JSON_LINES_LOGGER = { append: false } as const satisfies Partial<JsonLinesLoggerOptions>;

const NAME = 'jsonLinesLogger';

/**
 * Writes a line of JSON for each epoch: `{"epoch":0,"loss":1.5,…}`, the epoch counted from 0.
 * @throws OptionError
 */
export function jsonLinesLogger(given: JsonLinesLoggerOptions): Callbacks {
  refuseUnknown(NAME, given, ['filename', ...Object.keys(JSON_LINES_LOGGER)]);
  const { filename, append } = { ...JSON_LINES_LOGGER, ...given };
  flag(NAME, 'append', append);
  return new LogFile(NAME, filename, append, {
    head: () => '',
    epoch: (epoch, logs) => `${JSON.stringify({ epoch, ...logs })}\n`,
  });
}
