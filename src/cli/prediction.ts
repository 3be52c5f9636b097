/** How predictions are shown. */
import { bar, printable } from './text.ts';
import type { Terminal } from './terminal.ts';

export interface Prediction {
  readonly image: { readonly file: string } | { readonly index: number };
  /** By class. */
  readonly probabilities: Float32Array;
  readonly classNames: readonly string[];
  /** What is on the image, if that is known. */
  readonly actual?: { readonly label: number; readonly name: string };
}

/** Classes by falling probability. */
export function ranking({ probabilities }: Prediction): number[] {
  return [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
}

/** The predicted and the actual class, and bars for the most probable ones. */
export function predictionText(prediction: Prediction, top: number, terminal: Terminal): string {
  const { image, probabilities, classNames, actual } = prediction;
  const ranked = ranking(prediction);
  const nameOf = (label: number): string => printable(classNames[label] ?? `class ${label}`);
  const best = ranked[0]!;
  const right = actual === undefined || actual.label === best;
  const predicted = terminal.paint(right ? 'green' : 'yellow', `${best} (${nameOf(best)})`);
  const shown = ranked.slice(0, top);
  const widest = Math.max(...shown.map((label) => nameOf(label).length));
  return [
    'file' in image ? image.file : `Test image ${image.index}`,
    `Predicted class: ${predicted}`,
    ...(actual ? [`Actual class: ${actual.label} (${printable(actual.name)})`] : []),
    ...shown.map((label) => {
      const probability = probabilities[label]!;
      const percent = `${(100 * probability).toFixed(1)}%`.padStart(6);
      const drawn = bar(probability, 20).replace(/─+$/, (open) => terminal.paint('dim', open));
      return `  ${nameOf(label).padEnd(widest)}  ${percent}  ${drawn}`;
    }),
  ].join('\n');
}

export function predictionJson(prediction: Prediction, top: number): object {
  const { image, probabilities, classNames, actual } = prediction;
  const ranked = ranking(prediction);
  const named = (label: number): object => ({ class: label, name: classNames[label] });
  return {
    ...image,
    predicted: named(ranked[0]!),
    ...(actual && { actual: { class: actual.label, name: actual.name } }),
    top: ranked.slice(0, top).map((label) => ({ ...named(label), probability: probabilities[label]! })),
  };
}
