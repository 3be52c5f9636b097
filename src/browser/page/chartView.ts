/** The curves of the training, as they grow. */
import type { HistoryData } from '../../plot/historyData.ts';
import { HistoryRecorder, type EpochLogs } from '../../training/history.ts';
import type { StepPoint } from '../protocol.ts';
import type { Curves, CurvesChart } from './charts.ts';
import { byId, h } from './dom.ts';
import { percent } from './format.ts';
import { isDark } from './theme.ts';

/** No more often than this, in milliseconds: drawing must leave the page at 60 frames a second. */
const INTERVAL = 300;

export class ChartView {
  #recorder = new HistoryRecorder();
  #steps: StepPoint[] = [];
  #validation: StepPoint[] = [];
  #epochs = 0;
  #stepsInAll = 0;
  #chart: Promise<CurvesChart> | undefined;
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
    const { loss, accuracy = NaN, val_loss: valLoss = NaN, val_accuracy: valAccuracy = NaN } = logs;
    this.#validation.push({ step, loss: valLoss, accuracy: valAccuracy });
    const cells = [loss.toFixed(4), percent(accuracy), valLoss.toFixed(4), percent(valAccuracy)];
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
    byId('curves-foot').hidden = this.#validation.length === 0;
    if (!curves || byId('curves').hidden) return;
    byId('chart').setAttribute('aria-label', this.#inWords());
    this.#chart ??= import('./charts.ts').then(({ CurvesChart: Chart }) => new Chart(byId('chart')));
    void this.#chart.then((chart) => {
      chart.draw(curves, isDark());
    });
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
      return { by: 'step', data: { train: this.#steps, val: this.#validation, steps: this.#stepsInAll } };
    }
    return { by: 'epoch', data: history, epochs: this.#epochs };
  }

  #inWords(): string {
    const last = this.#validation.at(-1);
    const begin = 'Accuracy and loss in training and validation.';
    if (!last) return `${begin} No epoch is complete yet.`;
    return `${begin} After epoch ${this.#validation.length}: validation accuracy ${percent(last.accuracy)}, loss ${last.loss.toFixed(3)}.`;
  }
}
