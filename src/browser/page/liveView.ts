/** What the network says about what the camera shows, while there is a network. */
import type { Context } from './context.ts';
import { byId } from './dom.ts';
import { LiveAnswer } from './liveAnswer.ts';

export class LiveView {
  readonly #answer: LiveAnswer;

  constructor({ store, trainer }: Context) {
    this.#answer = new LiveAnswer(async () => {
      const { network, classNames } = await trainer.call('model');
      const [height, width] = network.inputShape as readonly [number, number];
      return { classNames, height, width, classify: (frame) => trainer.call('predictFrame', frame) };
    });
    store.subscribe((state, before) => {
      byId('live-ask').hidden = !state.hasModel;
      // Another network may know other classes.
      const isSame = state.hasModel && state.classNames.join() === before.classNames.join();
      if (!isSame) this.#answer.stop();
    });
  }

  /** For what else is asked. */
  stop(): void {
    this.#answer.stop();
  }
}
