/** Files that were not added, and other failures, until the list is closed. */
import { byId, h } from '../dom.ts';
import { counted } from '../format.ts';

export class Refusals {
  readonly #notice = byId('refusals');
  #reasons: string[] = [];

  constructor() {
    byId('close-refusals').addEventListener('click', () => {
      this.clear();
      byId('add-class').focus({ preventScroll: true });
    });
  }

  /** For others, which have nothing to do with those. */
  clear(): void {
    this.#reasons = [];
    this.#show();
  }

  /** @param reasons  sentences with the names of the files */
  add(reasons: readonly string[]): void {
    if (reasons.length === 0) return;
    this.#reasons.push(...reasons);
    this.#show();
  }

  #show(): void {
    const reasons = this.#reasons;
    this.#notice.hidden = reasons.length === 0;
    byId('refusals-title').textContent =
      reasons.length === 1 ? 'This did not work:' : `${counted(reasons.length, 'thing')} did not work:`;
    byId('refusals-list').replaceChildren(...reasons.map((reason) => h('li', {}, reason)));
  }
}
