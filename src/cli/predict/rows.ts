/** Predictions as text: for people, as CSV (RFC 4180 with `\n`) or as JSON Lines. Pure. */
import { csvRow } from '../../formats/csv.ts';
import { predictionJson, predictionText, ranking, type Prediction } from '../prediction.ts';
import type { Terminal } from '../terminal.ts';

export type RowFormat = 'text' | 'csv' | 'jsonl';

export interface Rows {
  /** What stands before all others. */
  readonly head: string;
  prediction(prediction: Prediction): string;
  /** A file that could not be read. @param reason  names it */
  failure(file: string, reason: string): string;
}

export interface RowOptions {
  /** How many classes are given, the most probable first. */
  readonly top: number;
  /** Whether the probabilities of all classes are given too. */
  readonly all: boolean;
  /** Of the network's outputs; some may have none. */
  readonly classNames: readonly string[];
  readonly classes: number;
}

export function rowsOf(format: RowFormat, options: RowOptions, terminal: Terminal): Rows {
  if (format === 'csv') return csvRows(options);
  return format === 'jsonl' ? jsonRows(options) : textRows(options, terminal);
}

function csvRows({ top, all, classNames, classes }: RowOptions): Rows {
  const ranks = Math.min(top, classes);
  const nameOf = (label: number): string => classNames[label] ?? String(label);
  const ranked = Array.from({ length: ranks }, (_, rank) =>
    ['class', 'name', 'probability'].map((column) => (rank === 0 ? column : `${column}_${rank + 1}`)),
  ).flat();
  const columns = all ? Array.from({ length: classes }, (_, label) => nameOf(label)) : [];
  return {
    head: csvRow(['file', ...ranked, ...columns, 'error']),
    prediction: (prediction) => {
      const best = ranking(prediction)
        .slice(0, ranks)
        .flatMap((label) => [String(label), nameOf(label), String(prediction.probabilities[label]!)]);
      const every = all ? Array.from(prediction.probabilities, String) : [];
      return csvRow([fileOf(prediction), ...best, ...every, '']);
    },
    failure: (file, reason) => csvRow([file, ...[...ranked, ...columns].map(() => ''), reason]),
  };
}

function jsonRows({ top, all }: RowOptions): Rows {
  const line = (value: object): string => `${JSON.stringify(value)}\n`;
  return {
    head: '',
    prediction: (prediction) =>
      line({
        ...predictionJson(prediction, top),
        ...(all && { probabilities: Array.from(prediction.probabilities) }),
      }),
    failure: (file, error) => line({ file, error }),
  };
}

/** A block for each; what could not be read is only told on stderr. */
function textRows({ top }: RowOptions, terminal: Terminal): Rows {
  let first = true;
  return {
    head: '',
    prediction: (prediction) => {
      const gap = first ? '' : '\n';
      first = false;
      return `${gap}${predictionText(prediction, top, terminal)}\n`;
    },
    failure: () => '',
  };
}

function fileOf({ image }: Prediction): string {
  return 'file' in image ? image.file : String(image.index);
}
