/** Asks the network what is in a picture: drawn, chosen, or from the test set. */
import type { Prediction } from '../protocol.ts';
import type { Context } from './context.ts';
import { byId, h } from './dom.ts';
import { Drawing } from './drawing.ts';
import { LiveView } from './liveView.ts';
import { percent } from './format.ts';
import { problemOf } from './notice.ts';
import { tileCanvas } from './tiles.ts';

export class PredictView {
  readonly #context: Context;
  readonly #drawing: Drawing;
  /** Asks the latest question again. */
  #again: (() => Promise<void>) | undefined;
  #asked = 0;

  constructor(context: Context) {
    this.#context = context;
    this.#drawing = new Drawing(() => void this.#askDrawing());
    byId('clear').addEventListener('click', () => {
      this.#drawing.clear();
      if (this.#again) this.#showEmpty();
      this.#again = undefined;
    });
    byId('random').addEventListener('click', () => void this.#askTestImage());
    const picture = byId('picture', HTMLInputElement);
    picture.addEventListener('change', () => {
      const file = picture.files?.[0];
      picture.value = '';
      if (file) void this.#askFile(file);
    });
    const section = byId('predict');
    const live = new LiveView(context);
    section.addEventListener('dragover', (event) => {
      event.preventDefault();
    });
    section.addEventListener('drop', (event) => {
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      live.stop();
      void this.#askFile(file);
    });
    context.store.subscribe((state, before) => {
      if (state.data !== before.data) this.#arrange(state.data?.name === 'pictures');
      byId('random', HTMLButtonElement).disabled = !state.hasModel || state.misfit;
      if (state.hasModel === before.hasModel && state.test === before.test) return;
      // Another network, another answer.
      if (state.hasModel && this.#again) void this.#again();
      else this.#showEmpty();
    });
  }

  /** What was learnt from pictures is shown things before it is drawn something. In the document, so that the keyboard goes the same way. */
  #arrange(own: boolean): void {
    const [first, camera, choose] = [byId('asked-first'), byId('live-ask'), byId('choose-picture')];
    first.hidden = !own;
    if (own) first.append(camera, choose);
    else {
      byId('clear').after(choose);
      byId('random').after(camera);
    }
    byId('drawing-hint').textContent = own ? 'Or draw it here' : 'Draw a shape here';
    if (!this.#again) this.#showEmpty();
  }

  async #askFile(file: File): Promise<void> {
    await this.#ask(file.name, () => this.#context.trainer.call('predictFile', file));
  }

  async #askTestImage(): Promise<void> {
    const count = this.#context.store.state.data?.testCount ?? 1;
    const index = Math.floor(Math.random() * count);
    await this.#ask(`Test image ${index}`, () => this.#context.trainer.call('predictTestImage', index));
  }

  async #askDrawing(): Promise<void> {
    await this.#ask('Your drawing', () =>
      this.#context.trainer.call('predictPicture', this.#drawing.picture()),
    );
  }

  async #ask(name: string, question: () => Promise<Prediction>): Promise<void> {
    this.#again = () => this.#ask(name, question);
    if (!this.#context.store.state.hasModel) {
      this.#showEmpty();
      return;
    }
    const asked = ++this.#asked;
    try {
      const prediction = await question();
      if (asked === this.#asked) this.#show(name, prediction);
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#again = undefined;
      // Where the answer is looked for, and not at the top of the page.
      byId('answer').replaceChildren(h('div', { class: 'notice' }, h('p', {}, problemOf(error))));
    }
  }

  #show(name: string, { top, classNames, shown, actual, milliseconds }: Prediction): void {
    const [best] = top;
    const nameOf = (label: number): string => classNames[label] ?? `class ${label}`;
    const verdict =
      actual === undefined
        ? name
        : `${name}: ${best && actual === nameOf(best.label) ? 'right' : 'wrong'}, it is ${actual}`;
    const bars = top.map(({ label, probability }, i) => {
      const fill = h('span', { class: 'bar-fill' });
      fill.style.width = `${100 * probability}%`;
      return h(
        'li',
        { class: i === 0 ? 'best' : undefined },
        h('span', { class: 'name' }, nameOf(label)),
        h('span', { class: 'bar-track', 'aria-hidden': true }, fill),
        h('data', { value: probability }, percent(probability)),
      );
    });
    byId('answer').replaceChildren(
      h(
        'figure',
        { class: 'shown' },
        tileCanvas(shown, 0, `What the network is shown: ${shown.width}×${shown.height} pixels`),
        h('figcaption', { class: 'muted' }, `as the network sees it, ${shown.width}×${shown.height}`),
      ),
      h(
        'div',
        { class: 'verdict' },
        h('p', { class: 'muted' }, verdict),
        h('p', { class: 'said' }, best ? nameOf(best.label) : ''),
        h('ol', { class: 'bars' }, ...bars),
        h('p', { class: 'muted small-text' }, `answered in ${Math.max(1, Math.round(milliseconds))} ms`),
      ),
    );
  }

  #showEmpty(): void {
    const { hasModel, data } = this.#context.store.state;
    const text = hasModel
      ? data?.name === 'pictures'
        ? 'Show it something, and see what the network takes it for.'
        : 'Draw something, and see what the network takes it for.'
      : this.#again
        ? 'The network’s answer appears here as soon as it has been trained.'
        : 'The network’s answer appears here, once it has been trained.';
    byId('answer').replaceChildren(h('div', { class: 'empty' }, h('p', {}, text)));
  }
}
