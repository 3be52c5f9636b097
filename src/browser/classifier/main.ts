/** The one script of a page that is one file. In the worker that the page makes of it, it classifies. */
import type { ClassifierSettings } from '../../formats/classifierPage.ts';
import { byId } from '../page/dom.ts';
import { count, counted } from '../page/format.ts';
import { showCamera } from './cameraView.ts';
import { connect, serve, type Connection } from './connection.ts';
import type { Description } from './protocol.ts';
import { PicturesView } from './picturesView.ts';

if (typeof document === 'undefined') serve(globalThis);
else {
  // While it runs for the first time, and only then, the browser knows which element it is.
  const script = document.currentScript!.textContent;
  document.addEventListener('DOMContentLoaded', () => void start(script));
}

async function start(script: string): Promise<void> {
  const settings = JSON.parse(byId('settings').textContent) as ClassifierSettings;
  const model = byId('model');
  const connection = connect(script, model.textContent, settings.fit);
  // It need not be there twice.
  model.remove();
  new PicturesView(connection);
  showCamera(connection);
  try {
    const { description } = await connection;
    showDescription(description);
    document.documentElement.dataset.state = 'ready';
  } catch (error) {
    showFailure(error);
    document.documentElement.dataset.state = 'failed';
  }
}

/** Of so many classes the names are shown; the others can be unfolded. */
const NAMED = 12;

function showDescription({ classNames, inputShape, parameters }: Awaited<Connection>['description']): void {
  byId('lead').textContent = `It tells ${counted(classNames.length, 'class', 'classes')} apart:`;
  const chips = classNames.map((name) => {
    const chip = document.createElement('li');
    chip.textContent = name;
    return chip;
  });
  byId('classes').append(...chips.slice(0, NAMED));
  byId('other-classes').append(...chips.slice(NAMED));
  byId('others-summary').textContent = `and ${counted(chips.length - NAMED, 'other')}`;
  byId('others').hidden = chips.length <= NAMED;
  byId('network').textContent = networkText({ classNames, inputShape, parameters });
}

function networkText({ inputShape: [height, width, channels], parameters }: Description): string {
  const kind = channels === 1 ? 'grey' : 'colour';
  return `Its network has ${counted(parameters, 'parameter')} and sees pictures as ${count(width)} × ${count(height)} pixels in ${kind}.`;
}

function showFailure(error: unknown): void {
  const notice = byId('failure');
  const message = error instanceof Error ? error.message : String(error);
  notice.textContent = `The network cannot be used here. ${message}`;
  notice.hidden = false;
  byId('lead').textContent = '';
  byId('ask').hidden = true;
}
