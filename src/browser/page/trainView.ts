/** Train, pause, go on, stop; and what is going on. */
import type { EpochLogs } from '../../training/history.ts';
import type { Progress, TrainOutcome, Unfinished } from '../protocol.ts';
import type { Settings } from '../settings.ts';
import { stepsAnEpoch } from '../split.ts';
import type { ChartView } from './chartView.ts';
import type { Context } from './context.ts';
import { byId } from './dom.ts';
import { count, counted, duration, percent, threeDigits } from './format.ts';
import { clearError, say, sayProgress, showError } from './notice.ts';
import { isTraining, type State } from './store.ts';

export class TrainView {
  readonly #context: Context;
  readonly #chart: ChartView;
  readonly #onProblem: () => void;
  readonly #prepare: (settings: Settings) => Promise<boolean>;
  #last: Progress | undefined;
  /** Whether it is being found out if a training can begin. */
  #starting = false;

  /**
   * @param onProblem  is called when something is wrong with the settings
   * @param prepare  is called before a training; returns whether it can begin
   */
  constructor(
    context: Context,
    chart: ChartView,
    onProblem: () => void,
    prepare: (settings: Settings) => Promise<boolean>,
  ) {
    this.#context = context;
    this.#chart = chart;
    this.#onProblem = onProblem;
    this.#prepare = prepare;
    const { store, trainer } = context;
    byId('start').addEventListener('click', () => void this.start());
    byId('pause').addEventListener('click', () => {
      store.set({ phase: 'paused' });
      say(`Paused in epoch ${(this.#last?.epoch ?? 0) + 1}. It will go on as if nothing had happened.`);
      byId('resume').focus();
      trainer.call('pause').catch(showError);
    });
    byId('resume').addEventListener('click', () => {
      store.set({ phase: 'training' });
      byId('pause').focus();
      trainer.call('resume').catch(showError);
    });
    byId('stop').addEventListener('click', () => {
      store.set({ phase: 'stopping' });
      say('Stopping …');
      trainer.call('stop').catch(showError);
    });
    store.subscribe((state, before) => {
      this.#show(state);
      // The button that had the focus may be gone: then nothing has it.
      const over = state.phase === 'idle' && (isTraining(before) || before.phase === 'testing');
      if (over && document.activeElement === document.body) byId('start').focus({ preventScroll: true });
    });
  }

  showProgress(progress: Progress): void {
    this.#last = progress;
    if (this.#context.store.state.phase !== 'training') return;
    const { phase, epoch, epochs, share, imagesPerSecond, gflops, secondsLeft } = progress;
    byId('progress', HTMLProgressElement).value = share;
    byId('figure-left').textContent =
      Number.isFinite(secondsLeft) && share > 0.01 ? duration(secondsLeft) : '–';
    byId('figure-rate').textContent = imagesPerSecond > 0 ? count(imagesPerSecond) : '–';
    byId('figure-gflops').textContent = gflops > 0 ? threeDigits(gflops) : '–';
    sayProgress(
      phase === 'training'
        ? `Learning: epoch ${epoch + 1} of ${epochs}`
        : `Checking: epoch ${epoch + 1} of ${epochs}`,
    );
  }

  /** How far the test is, where it takes long. */
  showTesting(share: number): void {
    if (this.#context.store.state.phase === 'testing') sayProgress(`Testing it … ${percent(share, 0)}`);
  }

  showAccuracy(accuracy: number | undefined): void {
    byId('figure-accuracy').textContent = accuracy === undefined ? '–' : percent(accuracy);
  }

  /** The model there is has not been trained here. */
  forget(): void {
    this.#chart.begin(0, 0);
    this.#chart.draw();
    byId('figures').hidden = true;
  }

  /** Goes on with a training that the tab was closed on. */
  async goOn({ settings, history }: Unfinished): Promise<void> {
    await this.#train(settings, 'goOn', history);
  }

  /** Trains on the images there are. @param prepare  is called before; returns whether it can begin */
  async start(prepare = this.#prepare): Promise<void> {
    if (this.#starting) return;
    this.#starting = true;
    let prepared: Settings | undefined;
    try {
      const settings = this.#context.settings();
      if (settings && !(await prepare(settings))) return;
      // Other images may have other settings that are usual.
      prepared = settings && (await this.#context.possibleSettings());
    } finally {
      this.#starting = false;
    }
    if (prepared) await this.#train(prepared, 'train');
    else if (this.#context.store.state.data) this.#onProblem();
  }

  /** @param history  the epochs that are complete already */
  async #train(
    settings: Settings,
    method: 'train' | 'goOn',
    history: Unfinished['history'] = { epoch: [], history: {} },
  ): Promise<void> {
    const { store, trainer } = this.#context;
    const { data, recipes } = store.state;
    if (!data) return;
    clearError();
    this.#last = undefined;
    this.showAccuracy(undefined);
    byId('figure-left-name').textContent = 'Time left';
    for (const name of ['left', 'rate', 'gflops']) byId(`figure-${name}`).textContent = '–';
    byId('progress', HTMLProgressElement).value = 0;
    const recipe = recipes?.find(({ name }) => name === settings.recipe);
    const steps = stepsAnEpoch(data, settings, recipe);
    this.#chart.begin(settings.epochs, settings.epochs * steps);
    for (const [i, epoch] of history.epoch.entries()) {
      const logs = Object.entries(history.history).map(([metric, values]) => [metric, values[i]]);
      this.#chart.addEpoch(epoch, (epoch + 1) * steps, Object.fromEntries(logs) as EpochLogs);
    }
    this.#chart.show('curves');
    store.set({ phase: 'training', hasModel: false, misfit: false, test: undefined });
    say('Starting the engine …');
    byId('pause').focus({ preventScroll: true });
    try {
      const outcome = await (method === 'train' ? trainer.call('train', settings) : trainer.call('goOn'));
      this.#chart.end();
      this.#showOutcome(outcome);
      store.set({ hasModel: true, classNames: data.classNames, phase: 'testing' });
      await this.test(outcomeText(outcome, settings.epochs));
    } catch (error) {
      // Of a training that diverged, the last good epoch is kept.
      const epochs = this.#chart.history.epoch.length;
      store.set({ phase: 'idle', hasModel: epochs > 0, classNames: data.classNames });
      this.#chart.draw();
      say(
        epochs > 0 ? `The training failed. The network of epoch ${epochs} is kept.` : 'The training failed.',
      );
      showError(error);
    }
  }

  /** Tests the model there is, and says so after `before`. */
  async test(before: string): Promise<void> {
    const { store, trainer } = this.#context;
    store.set({ phase: 'testing' });
    say('Testing it on images that it has never seen …');
    try {
      const test = await trainer.call('test');
      store.set({ phase: 'idle', test });
      const { accuracy } = test.views ?? test;
      const right = count(Math.round(accuracy * test.count));
      say(
        `${before} It names ${right} of ${counted(test.count, 'new image')} right: ${percent(accuracy)}${test.views ? `, having looked at each ${test.views.views} times` : ''}.`,
      );
    } catch (error) {
      store.set({ phase: 'idle' });
      showError(error);
    }
  }

  /** The figures of the whole training. */
  #showOutcome({ seconds, imagesPerSecond }: TrainOutcome): void {
    const { gflops = 0, imagesPerSecond: lately = 0 } = this.#last ?? {};
    byId('figure-left-name').textContent = 'Time';
    byId('figure-left').textContent = duration(seconds);
    if (imagesPerSecond > 0) byId('figure-rate').textContent = count(imagesPerSecond);
    if (lately > 0) byId('figure-gflops').textContent = threeDigits((gflops * imagesPerSecond) / lately);
  }

  #show(state: State): void {
    const { phase, hasModel, trainsLoaded, data } = state;
    const training = isTraining(state);
    const start = byId('start', HTMLButtonElement);
    start.hidden = training;
    start.disabled = phase !== 'idle' || !data;
    const anew = hasModel ? 'Train again' : 'Train the network';
    start.textContent = trainsLoaded ? 'Train the loaded model' : anew;
    byId('to-pictures').hidden = training;
    byId('pause').hidden = phase !== 'training';
    byId('resume').hidden = phase !== 'paused';
    const stop = byId('stop', HTMLButtonElement);
    stop.hidden = !training;
    stop.disabled = phase === 'stopping';
    byId('train').classList.toggle('working', training);
    byId('meter').hidden = !training;
    byId('next').hidden = !state.test;
    byId('next-predict').textContent =
      data?.name === 'pictures' ? 'Show it something' : 'Draw something for it';
    if (training) byId('figures').hidden = false;
  }
}

function outcomeText({ history, seconds }: TrainOutcome, epochs: number): string {
  const done = history.epoch.length;
  if (history.stopped) return `Stopped after ${done} of ${counted(epochs, 'epoch')}.`;
  return `Trained in ${duration(seconds)}.`;
}
