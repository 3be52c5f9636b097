/** What the parts of the page know in common. */
import type { NetworkChoice } from '../network.ts';
import type { DataSummary, EngineSummary, RecipeChoice, TestOutcome } from '../protocol.ts';
import type { LoadedChoice } from '../settings.ts';

export type Phase =
  'starting' | 'idle' | 'reading' | 'loading' | 'training' | 'paused' | 'stopping' | 'testing';

export interface State {
  readonly phase: Phase;
  readonly engine?: EngineSummary | undefined;
  /** Those to choose from. */
  readonly networks?: readonly NetworkChoice[] | undefined;
  readonly recipes?: readonly RecipeChoice[] | undefined;
  readonly data?: DataSummary | undefined;
  /** Whether there are pictures of one's own, be they what is trained on or not. */
  readonly ownPictures: boolean;
  readonly hasModel: boolean;
  /** Whether the model is known not to fit the data, so that it cannot be tested on it. */
  readonly misfit: boolean;
  /** The model that was loaded last: it can be trained on from. */
  readonly loaded?: LoadedChoice | undefined;
  /** Whether it is chosen to be. */
  readonly trainsLoaded: boolean;
  /** Of the model; those of the data if it has none. */
  readonly classNames: readonly string[];
  /** What came of the test of the model there is. */
  readonly test?: TestOutcome | undefined;
}

/** Whether a training is under way. */
export function isTraining({ phase }: State): boolean {
  return phase === 'training' || phase === 'paused' || phase === 'stopping';
}

export class Store {
  #state: State = {
    phase: 'starting',
    ownPictures: false,
    trainsLoaded: false,
    hasModel: false,
    misfit: false,
    classNames: [],
  };
  readonly #listeners: ((state: State, before: State) => void)[] = [];

  get state(): State {
    return this.#state;
  }

  set(change: Partial<State>): void {
    const before = this.#state;
    this.#state = { ...before, ...change };
    for (const listener of this.#listeners) listener(this.#state, before);
  }

  /** Calls the listener after every change. */
  subscribe(listener: (state: State, before: State) => void): void {
    this.#listeners.push(listener);
  }
}
