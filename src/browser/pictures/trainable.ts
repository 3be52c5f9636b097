/** Whether classes of pictures are enough to train on. Pure. */
import { MAX_CLASSES } from '../../limits.ts';

/** One each to train on, to validate with and to test with. */
export const FEWEST_PICTURES = 3;

interface Counted {
  readonly name: string;
  readonly pictures: { readonly length: number };
}

/** What there is to do before classes can be learnt, as a sentence; undefined if nothing is. Those without any pictures are left out. */
export function untrainable(classes: readonly Counted[]): string | undefined {
  const filled = classes.filter(({ pictures }) => pictures.length > 0);
  if (filled.length > MAX_CLASSES)
    return `At most ${MAX_CLASSES.toLocaleString('en')} classes can be told apart: remove some.`;
  if (filled.length < 2) {
    return filled.length === 0
      ? `Add at least ${FEWEST_PICTURES} pictures to each of two classes.`
      : 'Add pictures to a second class: it takes two to tell them apart.';
  }
  const few = filled.filter(({ pictures }) => pictures.length < FEWEST_PICTURES);
  if (few.length === 0) return undefined;
  const names = few.slice(0, 3).map(({ name }) => `“${name}”`);
  const rest = few.length > 3 ? ` and ${few.length - 3} more` : '';
  return `Add more pictures to ${names.join(', ')}${rest}: each class needs at least ${FEWEST_PICTURES}.`;
}
