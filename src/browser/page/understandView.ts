/** What the network gets right and wrong, and what happens inside it. */
import type { LabelledTiles, TestOutcome, Tiles } from '../protocol.ts';
import type { Context } from './context.ts';
import { byId, h } from './dom.ts';
import { counted, percent } from './format.ts';
import { matrixTable } from './matrixView.ts';
import { showError } from './notice.ts';
import { isTraining } from './store.ts';
import { mapsCanvas, tileCanvas } from './tiles.ts';

/** As many images of a cell as are looked at. */
const MOST_IN_CELL = 60;

export class UnderstandView {
  readonly #context: Context;
  #asked = 0;

  constructor(context: Context) {
    this.#context = context;
    const index = byId('inside-index', HTMLInputElement);
    index.addEventListener('change', () => void this.#look(index.valueAsNumber));
    byId('mistakes').addEventListener('click', () => {
      const { test } = context.store.state;
      if (test) this.#showMistakes(test);
      byId('cell-title').focus();
    });
    context.store.subscribe((state, before) => {
      if (state.test === before.test && isTraining(state) === isTraining(before)) return;
      const shown = state.test !== undefined;
      byId('findings').hidden = !shown;
      byId('understand-empty').hidden = shown;
      if (state.test && state.test !== before.test) this.#show(state.test);
      if (!shown)
        byId('verdict').textContent = 'What it gets right and wrong, on images that it has never seen.';
    });
  }

  #show(test: TestOutcome): void {
    const { classNames } = this.#context.store.state;
    const { accuracy, loss, count, matrix } = test;
    byId('verdict').replaceChildren(
      'Test accuracy ',
      h('data', { id: 'test-accuracy', value: accuracy, class: 'big' }, percent(accuracy)),
      ` of ${counted(count, 'image')}, loss `,
      h('data', { id: 'test-loss', value: loss }, loss.toFixed(4)),
      '.',
      ...(test.views ? viewsVerdict(test.views) : []),
    );
    byId('matrix').replaceChildren(
      matrixTable(matrix, classNames, (actual, answer) => void this.#openCell(actual, answer)),
    );
    this.#showMistakes(test);
    byId('inside-index', HTMLInputElement).max = String(count - 1);
    void this.#look(test.mistakes.indices[0] ?? 0, test.filters);
  }

  #showMistakes({ mistakes }: TestOutcome): void {
    byId('cell-title').textContent = 'The surest mistakes';
    byId('cell-note').textContent =
      mistakes.total > 0
        ? 'Wrong answers that it had the least doubt about.'
        : 'There are none: every answer is right.';
    byId('mistakes').hidden = true;
    this.#fillGallery(mistakes);
  }

  async #openCell(actual: number, answer: number): Promise<void> {
    const { store, trainer } = this.#context;
    const { classNames } = store.state;
    try {
      const tiles = await trainer.call('cell', actual, answer, MOST_IN_CELL);
      const [shown, said] = [classNames[actual]!, classNames[answer]!];
      byId('cell-title').textContent =
        `${capital(shown)}, ${actual === answer ? 'recognised' : `taken for ${said}`}`;
      const some =
        tiles.total > tiles.labels.length ? `, of which these ${tiles.labels.length} are the surest` : '';
      byId('cell-note').textContent = `${counted(tiles.total, 'image')}${some}.`;
      byId('mistakes').hidden = false;
      this.#fillGallery(tiles, true);
      byId('cell-title').focus({ preventScroll: innerWidth > 900 });
    } catch (error) {
      showError(error);
    }
  }

  /** @param alike  whether all have the same label and the same answer, which then need not be repeated */
  #fillGallery(tiles: LabelledTiles, alike = false): void {
    const { classNames } = this.#context.store.state;
    const buttons = tiles.indices.map((index, tile) => {
      const said = classNames[tiles.predicted?.[tile] ?? -1] ?? '?';
      const actual = classNames[tiles.labels[tile]!]!;
      const sure = percent(tiles.confidence?.[tile] ?? 0, 0);
      const button = h(
        'button',
        { type: 'button', class: 'specimen' },
        tileCanvas(tiles, tile),
        ...(alike ? [] : [h('span', { class: 'said' }, said)]),
        h('span', { class: 'muted' }, alike ? sure : `is ${actual}`),
        h('span', { class: 'visually-hidden' }, `${alike ? '' : sure}, test image ${index}: look inside`),
      );
      button.addEventListener('click', () => {
        byId('inside-index', HTMLInputElement).value = String(index);
        void this.#look(index);
      });
      return button;
    });
    byId('gallery').replaceChildren(...buttons);
  }

  /** Shows what the layers make of a test image. @param filters  as they came with the test */
  async #look(index: number, filters = this.#context.store.state.test?.filters): Promise<void> {
    const { store, trainer } = this.#context;
    const asked = ++this.#asked;
    try {
      byId('inside-index', HTMLInputElement).value = String(index);
      const [maps, prediction] = await Promise.all([
        trainer.call('featureMaps', index),
        trainer.call('predictTestImage', index),
      ]);
      if (asked !== this.#asked) return;
      const { classNames } = store.state;
      const [best] = prediction.top;
      byId('inside-says').textContent =
        `It is ${prediction.actual ?? '?'}; the network says ` +
        `${classNames[best?.label ?? -1] ?? '?'}, ${percent(best?.probability ?? 0)}.`;
      const input = h(
        'figure',
        { class: 'input' },
        h('figcaption', {}, 'image'),
        tileCanvas(prediction.shown, 0, `Test image ${index}`),
      );
      const layers = maps.map((map) => {
        const columns = map.width > 20 ? 8 : 16;
        const what = `${map.channels} maps of ${map.height}×${map.width}`;
        return h(
          'figure',
          {},
          h('figcaption', {}, map.layer, h('span', { class: 'muted' }, what)),
          mapsCanvas(map, columns, `What ${map.layer} makes of the image: ${what}`),
        );
      });
      byId('maps').replaceChildren(input, ...(filters ? [filterFigure(filters)] : []), ...layers);
    } catch (error) {
      showError(error);
    }
  }
}

/** What counts for a recipe that looks more than once. */
function viewsVerdict({ recipe, accuracy, views }: NonNullable<TestOutcome['views']>): (Node | string)[] {
  return [
    ' ',
    h('data', { id: 'test-views', value: accuracy, class: 'big' }, percent(accuracy)),
    ` in ${views} views of each, mirrored and moved by a pixel: what counts for ${recipe}.`,
  ];
}

function filterFigure(filters: Tiles): HTMLElement {
  const count = filters.indices.length;
  const strip = h('div', {
    class: 'filters',
    role: 'img',
    'aria-label': `The ${count} filters of the first layer`,
  });
  filters.indices.forEach((_, tile) => {
    strip.append(tileCanvas(filters, tile));
  });
  const size = `${filters.height}×${filters.width}`;
  return h(
    'figure',
    { class: 'first-filters' },
    h(
      'figcaption',
      {},
      'its first filters',
      h('span', { class: 'muted' }, `${count} of ${size}, grey is zero`),
    ),
    strip,
  );
}

function capital(word: string): string {
  return `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`;
}
