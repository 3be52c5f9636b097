/** The probabilities of classes, a bar for each. */
import { ranking, type Rank } from '../../evaluation/classification.ts';
import { h } from '../page/dom.ts';
import { percent } from '../page/format.ts';

/** So many are shown of classes that there are more of. */
export const FEW = 5;

/** Of so many classes all are shown: hiding one or two would be silly. */
const MOST = FEW + 2;

/** One row, whose class and probability can change. */
class Bar {
  readonly element: HTMLLIElement;
  readonly #name = h('span', { class: 'name' });
  readonly #fill = h('span', { class: 'bar-fill' });
  readonly #data = h('data');

  constructor() {
    const track = h('span', { class: 'bar-track', 'aria-hidden': true }, this.#fill);
    this.element = h('li', {}, this.#name, track, this.#data);
  }

  show({ label, probability }: Rank, classNames: readonly string[], best: boolean): void {
    const name = classNames[label]!;
    if (this.#name.textContent !== name) this.#name.textContent = name;
    this.#fill.style.width = `${100 * probability}%`;
    this.#data.value = String(probability);
    this.#data.textContent = percent(probability);
    this.element.classList.toggle('best', best);
  }
}

/** The likeliest classes first; a button shows the others. */
export function rankedBars(probabilities: Float32Array, classNames: readonly string[]): HTMLElement {
  const ranks = ranking(probabilities, Infinity);
  const rowOf = (rank: Rank, i: number): HTMLLIElement => {
    const bar = new Bar();
    bar.show(rank, classNames, i === 0);
    return bar.element;
  };
  const few = ranks.length <= MOST ? ranks.length : FEW;
  const list = h('ol', { class: 'bars' }, ...ranks.slice(0, few).map(rowOf));
  const holder = h('div', {}, list);
  if (few === ranks.length) return holder;
  const button = h('button', { type: 'button', class: 'link', 'aria-expanded': 'false' });
  const label = (open: boolean): void => {
    button.textContent = open ? `Show the first ${FEW}` : `Show all ${ranks.length}`;
    button.setAttribute('aria-expanded', String(open));
  };
  label(false);
  button.addEventListener('click', () => {
    const open = button.getAttribute('aria-expanded') === 'false';
    list.replaceChildren(...ranks.slice(0, open ? ranks.length : few).map(rowOf));
    label(open);
  });
  holder.append(button);
  return holder;
}

/** Bars that follow a camera. Where there are few classes, each stays in its place; else the likeliest are shown. */
export class LiveBars {
  readonly #classNames: readonly string[];
  readonly #bars: readonly Bar[];

  constructor(list: HTMLElement, classNames: readonly string[]) {
    this.#classNames = classNames;
    const count = classNames.length <= 2 * FEW ? classNames.length : FEW;
    this.#bars = Array.from({ length: count }, () => new Bar());
    list.replaceChildren(...this.#bars.map(({ element }) => element));
  }

  show(probabilities: Float32Array): void {
    const ranks = ranking(probabilities, this.#bars.length);
    const best = ranks[0]!.label;
    if (this.#bars.length === this.#classNames.length) ranks.sort((a, b) => a.label - b.label);
    ranks.forEach((rank, i) => {
      this.#bars[i]!.show(rank, this.#classNames, rank.label === best);
    });
  }
}
