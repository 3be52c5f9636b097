import { OptionError } from '../../../errors.ts';
import { csvRow } from '../../../formats/csv.ts';
import { flag, refuseUnknown } from '../../../nn/layers/options.ts';
import { quoted } from '../../../quoted.ts';
import type { Callbacks } from '../../callbacks.ts';
import { LogFile } from './logFile.ts';

export interface CsvLoggerOptions {
  filename: string;
  /** What stands between values; a comma by default. */
  separator?: string;
  /** Whether to go on behind what is in the file already; false by default. */
  append?: boolean;
}

export const CSV_LOGGER = { separator: ',', append: false } as const satisfies Partial<CsvLoggerOptions>;

const NAME = 'csvLogger';

/**
 * Writes a row for each epoch, as Keras' `CSVLogger`: the epoch, counted from 0, and the metrics in the order of their names.
 * @throws OptionError
 */
export function csvLogger(given: CsvLoggerOptions): Callbacks {
  refuseUnknown(NAME, given, ['filename', ...Object.keys(CSV_LOGGER)]);
  const { filename, separator, append } = { ...CSV_LOGGER, ...given };
  flag(NAME, 'append', append);
  if (typeof (separator as unknown) !== 'string' || !/^[^"\r\n]+$/.test(separator)) {
    throw new OptionError(
      `${NAME}: separator must be a text such as ",", without quotes and ends of lines, not ${quoted(separator)}.`,
    );
  }
  return new LogFile(NAME, filename, append, {
    head: (metrics) => csvRow(['epoch', ...metrics.toSorted()], separator),
    epoch: (epoch, logs, metrics) =>
      csvRow([epoch, ...metrics.toSorted().map((metric) => logs[metric]!)].map(String), separator),
  });
}
