/** The curves of the training, as they grow. */
import { averageSteps, MOST_POINTS } from '../../plot/averageSteps.ts';
import type { HistoryData } from '../../formats/historyData.ts';
import { HistoryRecorder, type EpochLogs } from '../../training/history.ts';
import type { StepPoint } from '../protocol.ts';
import type { Curves, PlotterCalls } from '../plotter.ts';
import { Caller } from '../rpc.ts';
import { byId, h } from './dom.ts';
import { percent } from './format.ts';
import { showError } from './notice.ts';
import { isDark } from './theme.ts';

/** No more often than this, in milliseconds: drawing takes time from the training. */
const INTERVAL = 400;

/** Below this width, the panels stand one above the other and need more height. */
const NARROW = 640;

export class ChartView {
  #recorder = new HistoryRecorder();
  #steps: StepPoint[] = [];
  #validation: StepPoint[] = [];
  #epochs = 0;
  #stepsInAll = 0;
  #plotter: Caller<PlotterCalls, never> | undefined;
  #drawing = false;
  #drawn = 0;
  #timer: number | undefined;

  constructor() {
    for (const radio of document.querySelectorAll<HTMLInputElement>('input[name=by]')) {
      radio.addEventListener('change', () => {
        this.draw();
      });
    }
    for (const radio of document.querySelectorAll<HTMLInputElement>('input[name=stage]')) {
      radio.addEventListener('change', () => {
        this.#showStage();
      });
    }
    let width = 0;
    new ResizeObserver(([entry]) => {
      // Its height is what drawing sets.
      if (entry && entry.contentRect.width !== width) this.#drawSoon();
      width = entry?.contentRect.width ?? 0;
    }).observe(byId('chart'));
  }

  /** Forgets the training before. */
  begin(epochs: number, stepsInAll: number): void {
    this.#recorder = new HistoryRecorder();
    this.#steps = [];
    this.#validation = [];
    this.#epochs = epochs;
    this.#stepsInAll = stepsInAll;
    byId('epochs').replaceChildren();
    byId('curves-foot').hidden = true;
  }

  /** Shows the curves in place of the pictures, or the other way round. */
  show(what: 'data' | 'curves'): void {
    const radio = document.querySelector<HTMLInputElement>(`input[name=stage][value=${what}]`);
    if (radio) radio.checked = true;
    this.#showStage();
  }

  addSteps(steps: readonly StepPoint[]): void {
    this.#steps.push(...steps);
    if (steps.length > 0) this.#drawSoon();
  }

  addEpoch(epoch: number, step: number, logs: EpochLogs): void {
    this.#recorder.add(epoch, logs);
    const { loss, accuracy = NaN, val_loss: valLoss, val_accuracy: valAccuracy = NaN } = logs;
    const cells = [loss.toFixed(4), percent(accuracy)];
    if (valLoss === undefined) cells.push('–', '–');
    else {
      this.#validation.push({ step, loss: valLoss, accuracy: valAccuracy });
      cells.push(valLoss.toFixed(4), percent(valAccuracy));
    }
    byId('epochs').append(
      h('tr', {}, h('th', { scope: 'row' }, String(epoch + 1)), ...cells.map((text) => h('td', {}, text))),
    );
    this.#drawSoon();
  }

  /** The training is over: the axes end where the curves do. */
  end(): void {
    this.#epochs = 0;
    this.#stepsInAll = 0;
    this.draw();
  }

  /** The complete epochs. */
  get history(): HistoryData {
    return this.#recorder.snapshot(false);
  }

  draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drawn = performance.now();
    const curves = this.#curves();
    byId('chart-empty').hidden = curves !== undefined;
    byId('chart').hidden = curves === undefined;
    byId('curves-foot').hidden = this.history.epoch.length === 0;
    if (!curves || byId('curves').hidden) return;
    byId('chart').setAttribute('aria-label', this.#inWords());
    void this.#render(curves);
  }

  /** The plotter, which is started when it is first needed. */
  get plotter(): Caller<PlotterCalls, never> {
    if (!this.#plotter) {
      const worker = new Worker(new URL('./plotter.js', import.meta.url), {
        type: 'module',
        name: 'plotter',
      });
      this.#plotter = new Caller(worker, () => undefined);
    }
    return this.#plotter;
  }

  async #render(curves: Curves): Promise<void> {
    if (this.#drawing) {
      this.#drawSoon();
      return;
    }
    this.#drawing = true;
    const chart = byId('chart');
    const width = Math.max(280, chart.clientWidth);
    const size = { width, height: width < NARROW ? 500 : 330 };
    try {
      chart.innerHTML = await this.plotter.call('draw', curves, size, isDark());
    } catch (error) {
      showError(error);
    } finally {
      this.#drawing = false;
    }
  }

  #showStage(): void {
    const curves =
      document.querySelector<HTMLInputElement>('input[name=stage][value=curves]')?.checked ?? false;
    byId('data').hidden = curves;
    byId('curves').hidden = !curves;
    byId('stage-title').textContent = curves ? 'How it learns' : 'What it learns from';
    if (curves) this.draw();
  }

  #drawSoon(): void {
    this.#timer ??= window.setTimeout(
      () => {
        this.draw();
      },
      Math.max(0, INTERVAL - (performance.now() - this.#drawn)),
    );
  }

  #curves(): Curves | undefined {
    const byStep = document.querySelector<HTMLInputElement>('input[name=by][value=step]')?.checked ?? true;
    const { history } = this;
    if (byStep || history.epoch.length === 0) {
      if (this.#steps.length === 0) return undefined;
      // What cannot be seen need not be posted.
      const train = averageSteps(this.#steps, MOST_POINTS);
      return { by: 'step', data: { train, val: this.#validation, steps: this.#stepsInAll } };
    }
    return { by: 'epoch', data: history, epochs: this.#epochs };
  }

  #inWords(): string {
    const { epoch, history } = this.history;
    const begin = 'Accuracy and loss in training and validation.';
    if (epoch.length === 0) return `${begin} No epoch is complete yet.`;
    const validated = this.#validation.at(-1);
    const accuracy = validated?.accuracy ?? history.accuracy?.at(-1) ?? NaN;
    const loss = validated?.loss ?? history.loss?.at(-1) ?? NaN;
    return `${begin} After epoch ${epoch.length}: ${validated ? 'validation' : 'training'} accuracy ${percent(accuracy)}, loss ${loss.toFixed(3)}.`;
  }
}
