/** Errors and news, in words. */
import { SimdnetError } from '../../errors.ts';
import { RemoteError } from '../rpc.ts';
import { byId, h } from './dom.ts';

/** A failure that the page itself tells of, in words for people. */
export class PageError extends Error {
  override name = 'PageError';
}

/** Shows what went wrong, where it is seen and read out. */
export function showError(error: unknown): void {
  const known = [RemoteError, PageError, SimdnetError].some((kind) => error instanceof kind);
  const message = known ? (error as Error).message : `Something went wrong: ${String(error)}`;
  const close = h('button', { type: 'button', class: 'icon', 'aria-label': 'Close this message' }, '×');
  close.addEventListener('click', clearError);
  const notice = byId('notice');
  notice.replaceChildren(h('p', {}, sentence(message)), close);
  notice.hidden = false;
  if (notice.getBoundingClientRect().bottom < 0 || notice.getBoundingClientRect().top > innerHeight) {
    notice.scrollIntoView({ block: 'center' });
  }
}

export function clearError(): void {
  const notice = byId('notice');
  notice.hidden = true;
  notice.replaceChildren();
}

/** Says what is going on; screen readers read it out. */
export function say(status: string): void {
  const element = byId('status');
  if (element.textContent !== status) element.textContent = status;
}

/** The library's messages begin and end as they like. A file's name stays as it is. */
export function sentence(message: string): string {
  const text = message.trim();
  if (/^\S+\.\w/.test(text)) return /[.!?)]$/.test(text) ? text : `${text}.`;
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}${/[.!?)]$/.test(text) ? '' : '.'}`;
}
