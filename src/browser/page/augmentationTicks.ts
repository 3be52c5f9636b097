/** What images can be changed by in training: a box to tick for each. */
import { AUGMENTATIONS } from '../settings.ts';
import { h } from './dom.ts';

const LABELS: Readonly<Record<(typeof AUGMENTATIONS)[number], string>> = {
  flip: 'Flip',
  shift: 'Shift',
  rotate: 'Rotation',
  zoom: 'Zoom',
  brightness: 'Brightness',
  contrast: 'Contrast',
  saturation: 'Saturation',
  cutout: 'Cutout',
  mixup: 'Mix-up',
};

export class AugmentationTicks {
  readonly element: HTMLElement;
  readonly #boxes: readonly HTMLInputElement[];

  constructor(label: string, hint: string) {
    this.#boxes = AUGMENTATIONS.map((value) =>
      h('input', { type: 'checkbox', name: 'augment', value, autocomplete: 'off' }),
    );
    const ticks = this.#boxes.map((box, i) =>
      h('label', { class: 'tick' }, box, h('span', {}, LABELS[AUGMENTATIONS[i]!])),
    );
    const note = 'setting-augment-note';
    this.element = h(
      'fieldset',
      { id: 'setting-augment', class: 'field wide', 'aria-describedby': note },
      h('legend', {}, label),
      h('div', { class: 'ticks' }, ...ticks),
      h('p', { id: note, class: 'hint' }, hint),
    );
  }

  /** Those that are ticked, with commas between them. */
  get value(): string {
    return this.#boxes
      .filter(({ checked }) => checked)
      .map(({ value }) => value)
      .join(',');
  }

  set value(words: string) {
    const ticked = words.split(',');
    for (const box of this.#boxes) box.checked = ticked.includes(box.value);
  }
}
