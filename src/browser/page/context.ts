import type { TrainerCalls, TrainerEvent } from '../protocol.ts';
import type { Caller } from '../rpc.ts';
import type { Settings } from '../settings.ts';
import type { Store } from './store.ts';

/** What the parts of the page are given. */
export interface Context {
  readonly store: Store;
  readonly trainer: Caller<TrainerCalls, TrainerEvent>;
  /** The settings, or undefined if something is wrong with them, which is then shown. */
  readonly settings: () => Settings | undefined;
  /** The same, once it is known that the images there are can be trained on so. */
  readonly possibleSettings: () => Promise<Settings | undefined>;
}
