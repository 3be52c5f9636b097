/** The pictures of a class, the newest first. Each is a button that removes it. */
import type { StoredPicture } from '../../pictures/pictureStore.ts';
import { h } from '../dom.ts';
import { count } from '../format.ts';

/** So many are shown, in two or three rows, unless more are asked for. */
const FEW = 12;

/** So many more are shown at a time: canvases take memory. */
const MORE = 240;

export class Thumbnails {
  readonly element: HTMLElement;
  readonly #strip = h('div', { class: 'thumbnails', role: 'group' });
  readonly #more = h('button', { type: 'button', class: 'secondary small more' });
  readonly #fewer = h('button', { type: 'button', class: 'secondary small' }, 'Show fewer');
  readonly #onRemove: (picture: StoredPicture) => Promise<void>;
  readonly #buttons = new Map<number, HTMLButtonElement>();
  #pictures: readonly StoredPicture[] = [];
  #shown = FEW;

  constructor(onRemove: (picture: StoredPicture) => Promise<void>) {
    this.#onRemove = onRemove;
    this.element = h('div', {}, this.#strip, h('div', { class: 'row more' }, this.#more, this.#fewer));
    this.#more.addEventListener('click', () => {
      this.#shown += MORE;
      this.#fill();
      if (this.#more.hidden) this.#fewer.focus({ preventScroll: true });
    });
    this.#fewer.addEventListener('click', () => {
      this.#shown = FEW;
      this.#fill();
      this.#more.focus();
    });
    this.#strip.addEventListener('keydown', (event) => {
      this.#onKey(event);
    });
  }

  show(pictures: readonly StoredPicture[], className: string): void {
    this.#pictures = pictures;
    this.#strip.setAttribute('aria-label', `Pictures of ${className}; arrow keys move, Delete removes`);
    this.#fill();
  }

  /** Shows it, if that is not so, and has it take the focus. */
  focusOn({ id }: StoredPicture): void {
    const at = this.#pictures.findIndex((picture) => picture.id === id);
    if (at < 0) return;
    this.#shown = Math.max(this.#shown, this.#pictures.length - at);
    this.#fill();
    this.#focus(this.#buttons.get(id) ?? null);
  }

  #fill(): void {
    const shown = this.#pictures.slice(-this.#shown).reverse();
    const ids = new Set(shown.map(({ id }) => id));
    for (const [id, button] of this.#buttons) {
      if (ids.has(id)) continue;
      button.remove();
      this.#buttons.delete(id);
    }
    let next = this.#strip.firstElementChild;
    for (const picture of shown) {
      const button = this.#buttons.get(picture.id);
      if (button && button === next) {
        next = next.nextElementSibling;
        continue;
      }
      const added = button ?? this.#buttonOf(picture);
      this.#buttons.set(picture.id, added);
      this.#strip.insertBefore(added, next);
    }
    this.#strip.hidden = shown.length === 0;
    const all = this.#pictures.length;
    this.#more.hidden = shown.length === all;
    this.#more.textContent =
      all - shown.length > MORE ? `Show ${MORE} more of ${count(all)}` : `Show all ${count(all)}`;
    this.#fewer.hidden = shown.length <= FEW;
    // Tab leads to the newest, unless somebody is at another.
    if (!this.#strip.contains(document.activeElement)) this.#stopAt(this.#strip.firstElementChild);
  }

  #buttonOf(picture: StoredPicture): HTMLButtonElement {
    const { width, height, rgba } = picture.thumbnail;
    const canvas = h('canvas', { width, height, 'aria-hidden': true });
    canvas.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0);
    // A few pixels are shown as they are.
    canvas.classList.toggle('tile', Math.max(width, height) <= 48);
    const button = h(
      'button',
      {
        type: 'button',
        class: 'thumbnail',
        tabindex: -1,
        title: `Remove ${picture.name}`,
        'aria-label': `Remove ${picture.name}`,
      },
      canvas,
      h('span', { class: 'cross', 'aria-hidden': true }, '×'),
    );
    button.addEventListener('click', () => void this.#remove(picture, button));
    return button;
  }

  async #remove(picture: StoredPicture, button: HTMLButtonElement): Promise<void> {
    const focused = document.activeElement === button;
    const next = (button.nextElementSibling ?? button.previousElementSibling) as HTMLElement | null;
    if (focused) this.#focus(next);
    await this.#onRemove(picture);
  }

  #onKey(event: KeyboardEvent): void {
    const button = (event.target as HTMLElement).closest<HTMLButtonElement>('.thumbnail');
    if (!button) return;
    const to = {
      ArrowRight: button.nextElementSibling,
      ArrowLeft: button.previousElementSibling,
      Home: this.#strip.firstElementChild,
      End: this.#strip.lastElementChild,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.#focus(to as HTMLElement | null);
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      button.click();
    }
  }

  #focus(button: HTMLElement | null): void {
    this.#stopAt(button);
    button?.focus();
  }

  /** One of them is reached by Tab, the others by arrow keys. */
  #stopAt(button: Element | null): void {
    if (!button) return;
    for (const other of this.#strip.querySelectorAll('[tabindex="0"]')) other.setAttribute('tabindex', '-1');
    button.setAttribute('tabindex', '0');
  }
}
