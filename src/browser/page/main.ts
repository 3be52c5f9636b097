/** Puts the page together. It only shows things: images, network and arithmetic are in the trainer, a worker. */
import type { EngineSummary, TrainerCalls, TrainerEvent } from '../protocol.ts';
import { Caller } from '../rpc.ts';
import { ChartView } from './chartView.ts';
import { DataView } from './dataView.ts';
import type { Context } from './context.ts';
import { byId } from './dom.ts';
import { FilesView } from './filesView.ts';
import { counted } from './format.ts';
import { seekIsolation } from './isolation.ts';
import { NetworkView } from './networkView.ts';
import { PredictView } from './predictView.ts';
import { PageError, say, showError } from './notice.ts';
import { Store } from './store.ts';
import { setUpTheme } from './theme.ts';
import { TrainView } from './trainView.ts';
import { UnderstandView } from './understandView.ts';

async function start(): Promise<void> {
  const store = new Store();
  const chart = new ChartView();
  setUpTheme(() => {
    chart.draw();
  });
  if (!(await seekIsolation())) return;
  let onEvent: (event: TrainerEvent) => void = () => undefined;
  const worker = new Worker(new URL('./trainer.js', import.meta.url), { type: 'module', name: 'trainer' });
  const trainer = new Caller<TrainerCalls, TrainerEvent>(worker, (event) => {
    onEvent(event);
  });
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    const error = new PageError('The worker that trains has ended unexpectedly: load the page again.');
    trainer.fail(error);
    showError(error);
  });

  const network = new NetworkView({ store, trainer });
  const context: Context = { store, trainer, settings: () => network.settings() };
  const data = new DataView(context);
  const train = new TrainView(context, chart, () => {
    network.showProblem();
  });
  new FilesView(context, chart, async ({ network: summary, misfit }) => {
    network.showLoaded(summary);
    train.forget();
    if (misfit) showError(new PageError(misfit));
    else await train.test('Loaded.');
  });
  new UnderstandView(context);
  new PredictView(context);
  store.subscribe((state, before) => {
    if (state.engine && state.engine !== before.engine) showEngine(state.engine);
    if (state.test && state.test !== before.test) train.showAccuracy(state.test.accuracy);
  });
  onEvent = (event) => {
    if (event.kind === 'reading') data.showReading(event.share);
    if (event.kind === 'engine') store.set({ engine: event.engine });
    if (event.kind === 'epoch') {
      chart.addEpoch(event.epoch, event.step, event.logs);
      train.showAccuracy(event.logs.val_accuracy);
      store.set({ hasModel: true, classNames: store.state.data?.classNames ?? [] });
    }
    if (event.kind === 'progress') {
      chart.addSteps(event.steps);
      train.showProgress(event.progress);
    }
  };

  try {
    store.set({ engine: await trainer.call('engine') });
  } catch (error) {
    say('It cannot run here.');
    showError(error);
    return;
  }
  await data.useShapes();
  say('Ready. It takes about half a minute.');
}

function showEngine({ tier, threads, reason }: EngineSummary): void {
  byId('engine').textContent = [`Engine: ${tier} tier, ${counted(threads, 'thread')}.`, reason ?? '']
    .join(' ')
    .trim();
}

start().catch(showError);
