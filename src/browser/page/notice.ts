/** Errors and news, in words. */
import { SimdnetError } from '../../errors.ts';
import { RemoteError } from '../rpc.ts';
import { byId, h } from './dom.ts';

/** How often screen readers are told how far something is, in milliseconds. */
const SPOKEN_EVERY = 10_000;

let spokenAt = -Infinity;

/** A failure that the page itself tells of, in words for people. */
export class PageError extends Error {
  override name = 'PageError';
}

/** Shows what went wrong, where it is seen and read out. */
export function showError(error: unknown): void {
  const close = h('button', { type: 'button', class: 'icon', 'aria-label': 'Close this message' }, '×');
  close.addEventListener('click', clearError);
  const notice = byId('notice');
  notice.replaceChildren(h('p', {}, problemOf(error)), close);
  notice.hidden = false;
  if (notice.getBoundingClientRect().bottom < 0 || notice.getBoundingClientRect().top > innerHeight) {
    notice.scrollIntoView({ block: 'center' });
  }
}

/** What went wrong, as a sentence. */
export function problemOf(error: unknown): string {
  const known = [RemoteError, PageError, SimdnetError].some((kind) => error instanceof kind);
  return sentence(known ? (error as Error).message : `Something went wrong: ${String(error)}`);
}

export function clearError(): void {
  const notice = byId('notice');
  notice.hidden = true;
  notice.replaceChildren();
}

/** Says what is going on; screen readers read it out. */
export function say(status: string): void {
  setText(byId('status'), status);
  setText(byId('spoken'), status);
  spokenAt = performance.now();
}

/** Says how far something is, as often as that changes; screen readers read it out now and then. */
export function sayProgress(status: string): void {
  if (performance.now() - spokenAt >= SPOKEN_EVERY) say(status);
  else setText(byId('status'), status);
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** The library's messages begin and end as they like. A file's name stays as it is. */
export function sentence(message: string): string {
  const text = message.trim();
  if (/^\S+\.\w/.test(text)) return /[.!?)]$/.test(text) ? text : `${text}.`;
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}${/[.!?)]$/.test(text) ? '' : '.'}`;
}
