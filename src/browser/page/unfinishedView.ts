/** A training that the tab was closed on: it can be gone on with. */
import type { DatasetName, Unfinished } from '../protocol.ts';
import type { Context } from './context.ts';
import { byId } from './dom.ts';
import { showError } from './notice.ts';

const REMEDIES: Readonly<Record<DatasetName, string>> = {
  shapes: 'Choose the shapes to go on.',
  cifar10: 'Choose the CIFAR-10 files to go on.',
  pictures: 'Choose your pictures to go on.',
};

export class UnfinishedView {
  readonly #context: Context;
  #unfinished: Unfinished | undefined;

  /** @param onGoOn  goes on with it */
  constructor(context: Context, onGoOn: (unfinished: Unfinished) => Promise<void>) {
    this.#context = context;
    byId('go-on').addEventListener('click', () => {
      const unfinished = this.#unfinished;
      this.#set(undefined);
      if (unfinished) onGoOn(unfinished).catch(showError);
    });
    byId('forget').addEventListener('click', () => {
      this.#set(undefined);
      byId('start').focus({ preventScroll: true });
      context.trainer.call('forget').catch(showError);
    });
    context.store.subscribe(({ phase }) => {
      // Another training takes its place.
      if (phase === 'training') this.#set(undefined);
      else this.#show();
    });
  }

  /** Looks whether there is one. */
  async look(): Promise<void> {
    try {
      this.#set(await this.#context.trainer.call('unfinished'));
    } catch (error) {
      showError(error);
    }
  }

  #set(unfinished: Unfinished | undefined): void {
    this.#unfinished = unfinished;
    this.#show();
  }

  #show(): void {
    const { phase, data, ownPictures } = this.#context.store.state;
    const { settings, dataset, epoch } = this.#unfinished ?? {};
    byId('unfinished').hidden = !settings || !data;
    if (!settings || !data) return;
    // Own pictures are kept, and need not be chosen.
    const otherData = dataset === 'pictures' ? !ownPictures : dataset !== data.name;
    const remedy = otherData ? ` ${REMEDIES[dataset!]}` : '';
    byId('unfinished-text').textContent =
      `The last training${settings.recipe === undefined ? '' : ` by ${settings.recipe}`} ended with its tab, in epoch ${Math.min(epoch! + 1, settings.epochs)} of ${settings.epochs}.${remedy}`;
    byId('go-on', HTMLButtonElement).disabled = otherData || phase !== 'idle';
  }
}
