/** What can be taken along, and brought back: the model, alone or as a page; the history, the figure. */
import { historyToCsv } from '../../formats/csv.ts';
import type { LoadedModel } from '../protocol.ts';
import type { ChartView } from './chartView.ts';
import type { Context } from './context.ts';
import { byId, download } from './dom.ts';
import { acceptDrops } from './drops.ts';
import { figurePng } from './figurePng.ts';
import { modelPage } from './modelPage.ts';
import { clearError, PageError, say, showError } from './notice.ts';
import { isTraining, type State } from './store.ts';

export class FilesView {
  readonly #context: Context;
  readonly #chart: ChartView;
  readonly #onLoaded: (model: LoadedModel) => Promise<void>;

  constructor(context: Context, chart: ChartView, onLoaded: (model: LoadedModel) => Promise<void>) {
    this.#context = context;
    this.#chart = chart;
    this.#onLoaded = onLoaded;
    const { trainer, store } = context;
    byId('save').addEventListener('click', () => {
      trainer.call('saveModel').then((bytes) => {
        download('model.safetensors', bytes, 'application/octet-stream');
      }, showError);
    });
    byId('save-page').addEventListener('click', () => {
      this.#page().then((html) => {
        download('model.html', html, 'text/html');
      }, showError);
    });
    byId('csv').addEventListener('click', () => {
      download('history.csv', historyToCsv(chart.history), 'text/csv');
    });
    byId('png').addEventListener('click', () => {
      chart.plotter
        .call('figure', chart.history)
        .then(({ svg, size }) => figurePng(svg, size))
        .then((png) => {
          download('accuracy.png', png, 'image/png');
        }, showError);
    });
    const load = byId('load', HTMLInputElement);
    load.addEventListener('change', () => {
      const files = [...(load.files ?? [])];
      load.value = '';
      if (files.length > 0) void this.#load(files);
    });
    acceptDrops(byId('network'), ({ files }) => {
      if (files.length > 0 && !load.disabled) void this.#load([...files]);
    });
    store.subscribe((state) => {
      this.#show(state);
    });
  }

  async #page(): Promise<string> {
    clearError();
    const { trainer, store } = this.#context;
    const model = await trainer.call('saveModel');
    return modelPage({ model, classNames: store.state.classNames });
  }

  async #load(files: readonly File[]): Promise<void> {
    const { trainer, store, settings: read } = this.#context;
    const settings = read();
    if (!settings) {
      showError(new PageError('Something is wrong with the settings: see below.'));
      return;
    }
    clearError();
    // Nothing else can be begun meanwhile.
    store.set({ phase: 'loading' });
    try {
      const model = await trainer.call('loadModel', files, settings);
      store.set({ phase: 'idle', hasModel: true, classNames: model.classNames, test: undefined });
      say(`${files.length === 1 ? files[0]!.name : 'The model'} is loaded.`);
      await this.#onLoaded(model);
      // The history there was is not that of this model.
      this.#show(store.state);
    } catch (error) {
      store.set({ phase: 'idle' });
      showError(error);
    }
  }

  #show(state: State): void {
    const busy = state.phase !== 'idle';
    byId('save', HTMLButtonElement).disabled = busy || !state.hasModel;
    byId('save-page', HTMLButtonElement).disabled = busy || !state.hasModel;
    const load = byId('load', HTMLInputElement);
    load.disabled = busy;
    const noHistory = isTraining(state) || this.#chart.history.epoch.length === 0;
    byId('csv', HTMLButtonElement).disabled = noHistory;
    byId('png', HTMLButtonElement).disabled = noHistory;
  }
}
