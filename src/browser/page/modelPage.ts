/** The model as a page in one file, which classifies pictures and what a camera shows, without a network. */
import { classifierPage } from '../../formats/classifierPage.ts';
import { PageError } from './notice.ts';

/** What the heading has room for. */
const MOST_TITLE = 60;

export interface ModelParts {
  readonly model: Uint8Array<ArrayBuffer>;
  readonly classNames: readonly string[];
}

/**
 * @throws PageError if the page's own files cannot be fetched
 * @throws OptionError if the model is too large for a page
 */
export async function modelPage({ model, classNames }: ModelParts): Promise<string> {
  const title = titleOf(classNames);
  return classifierPage(await fetchTemplate(), { title, model });
}

/** Such as "Cat, dog or bird?" */
export function titleOf(classNames: readonly string[]): string {
  const last = classNames.length - 1;
  const title = `${[classNames.slice(0, last).join(', '), classNames[last]].join(' or ')}?`;
  if (classNames.length < 2 || title.length > MOST_TITLE) return 'Picture classifier';
  const [first = '', ...rest] = title;
  return first.toUpperCase() + rest.join('');
}

/** It is beside the page, and as large as a photograph: only who wants it fetches it. */
async function fetchTemplate(): Promise<string> {
  let why: string;
  try {
    const response = await fetch('classifier.html');
    if (response.ok) return await response.text();
    why = `the server says ${response.status}`;
  } catch (error) {
    why = error instanceof Error ? error.message : String(error);
  }
  throw new PageError(
    `classifier.html, which the model is to be put into, cannot be fetched (${why}): try again.`,
  );
}
