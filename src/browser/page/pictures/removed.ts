/** Pictures that were removed, to be put back, the last first, as long as their classes are there. */
import type { StoredPicture } from '../../pictures/pictureStore.ts';
import { byId } from '../dom.ts';
import type { OwnClass } from './ownClasses.ts';

export interface RemovedPicture {
  readonly from: OwnClass;
  readonly picture: StoredPicture;
}

export class Removed {
  readonly #button = byId('undo');
  #pictures: RemovedPicture[] = [];

  /** @param onUndo  is called when the button is pressed, or Ctrl+Z or ⌘Z within the element, but for fields, which undo what was entered */
  constructor(element: HTMLElement, onUndo: () => void) {
    this.#button.addEventListener('click', onUndo);
    element.addEventListener('keydown', (event) => {
      const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
      if (!isUndo || event.key.toLowerCase() !== 'z' || this.#pictures.length === 0) return;
      if (event.target instanceof HTMLInputElement && event.target.type === 'text') return;
      event.preventDefault();
      onUndo();
    });
  }

  push(removed: RemovedPicture): void {
    this.#set([...this.#pictures, removed]);
  }

  pop(): RemovedPicture | undefined {
    const last = this.#pictures.at(-1);
    this.#set(this.#pictures.slice(0, -1));
    return last;
  }

  /** Forgets those of other classes. */
  keepOf(classes: readonly OwnClass[]): void {
    this.#set(this.#pictures.filter(({ from }) => classes.includes(from)));
  }

  clear(): void {
    this.#set([]);
  }

  #set(pictures: RemovedPicture[]): void {
    this.#pictures = pictures;
    this.#button.hidden = pictures.length === 0;
  }
}
