/** Puts the page together. It only shows things: images, network and arithmetic are in the trainer, a worker. */
import { DATASET_NAMES } from '../datasetNames.ts';
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
import { OwnImages } from './pictures/ownImages.ts';
import { PicturesView } from './pictures/picturesView.ts';
import { PredictView } from './predictView.ts';
import { PageError, say, showError } from './notice.ts';
import { Store } from './store.ts';
import { setUpTheme } from './theme.ts';
import { TrainView } from './trainView.ts';
import { UnderstandView } from './understandView.ts';
import { UnfinishedView } from './unfinishedView.ts';

type TrainerCaller = Caller<TrainerCalls, TrainerEvent>;

async function start(): Promise<void> {
  stayForDrops();
  const chart = new ChartView();
  setUpTheme(() => {
    chart.draw();
  });
  if (!(await seekIsolation())) return;
  let onEvent: (event: TrainerEvent) => void = () => undefined;
  const trainer = startTrainer((event) => {
    onEvent(event);
  });
  const store = new Store();
  const views = buildViews(store, trainer, chart);
  onEvent = views.onEvent;
  const pictures = views.pictures().catch(showError);
  try {
    const [engine, networks, recipes] = await Promise.all([
      trainer.call('engine'),
      trainer.call('networks'),
      trainer.call('recipes'),
    ]);
    store.set({ engine, networks, recipes });
  } catch (error) {
    say('It cannot run here.');
    showError(error);
    return;
  }
  await views.data.useShapes();
  if (store.state.data) say('Ready. It takes about half a minute.');
  await pictures;
  await views.unfinished.look();
}

function startTrainer(onEvent: (event: TrainerEvent) => void): TrainerCaller {
  const worker = new Worker(new URL('./trainer.js', import.meta.url), { type: 'module', name: 'trainer' });
  const trainer: TrainerCaller = new Caller(worker, onEvent);
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    const error = new PageError('The worker that trains has ended unexpectedly: load the page again.');
    trainer.fail(error);
    showError(error);
  });
  return trainer;
}

/** @returns what shows the images and what was left unfinished, and what to do with the trainer's events */
function buildViews(store: Store, trainer: TrainerCaller, chart: ChartView) {
  const network = new NetworkView({ store, trainer });
  const context: Context = {
    store,
    trainer,
    settings: () => network.settings(),
    possibleSettings: () => network.possibleSettings(),
  };
  let own: OwnImages | undefined;
  let ownView: PicturesView | undefined;
  const data = new DataView(context, (dropped) => {
    ownView?.drop(dropped);
    byId('pictures').scrollIntoView();
  });
  const train = new TrainView(
    context,
    chart,
    () => {
      network.showProblem();
    },
    async (settings) => store.state.data?.name !== 'pictures' || !own || own.use(settings),
  );
  const unfinished = new UnfinishedView(context, async (training) => {
    if (await own?.useFor(training)) await train.goOn(training);
    else await unfinished.look();
  });
  /** Opens what is kept of one's own. */
  const pictures = async (): Promise<void> => {
    const view = await PicturesView.open(context, () => {
      // Where there is something to see of it.
      byId('train').scrollIntoView();
      void train.start(async (settings) => own?.use(settings) ?? false);
    });
    own = new OwnImages(context, data, view.classes);
    ownView = view;
  };
  new FilesView(context, chart, async (model) => {
    const { misfit } = model;
    network.showLoaded(model);
    train.forget();
    store.set({ misfit: misfit !== undefined });
    if (misfit === undefined) await train.test('Loaded.');
    else
      say(
        `Loaded. It cannot be tested on ${DATASET_NAMES[store.state.data!.name]}; show it a picture, or train it on.`,
      );
  });
  new UnderstandView(context);
  new PredictView(context);
  store.subscribe((state, before) => {
    if (state.engine && state.engine !== before.engine) showEngine(state.engine);
    if (state.test && state.test !== before.test)
      train.showAccuracy((state.test.views ?? state.test).accuracy);
  });
  const onEvent = (event: TrainerEvent): void => {
    switch (event.kind) {
      case 'reading':
        data.showReading(event.share);
        break;
      case 'engine':
        store.set({ engine: event.engine });
        break;
      case 'epoch':
        chart.addEpoch(event.epoch, event.step, event.logs);
        train.showAccuracy(event.logs.val_accuracy);
        store.set({ hasModel: true, classNames: store.state.data?.classNames ?? [] });
        break;
      case 'testing':
        train.showTesting(event.share);
        break;
      case 'progress':
        chart.addSteps(event.steps);
        train.showProgress(event.progress);
        break;
    }
  };
  return { data, unfinished, pictures, onEvent };
}

/** Files that are dropped beside what takes them would be opened by the browser, in place of the page. */
function stayForDrops(): void {
  for (const type of ['dragover', 'drop'] as const) {
    document.addEventListener(type, (event) => {
      event.preventDefault();
    });
  }
}

function showEngine({ tier, threads, reason }: EngineSummary): void {
  byId('engine').textContent = [`Engine: ${tier} tier, ${counted(threads, 'thread')}.`, reason ?? '']
    .join(' ')
    .trim();
}

start().catch(showError);
