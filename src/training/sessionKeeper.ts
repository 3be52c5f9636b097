/**
 * A model's session: made when it is needed, kept as long as it works and can do what is asked, its weights taken back when it
 * ends. Those of one whose engine has failed are as they were when last fetched.
 */
import type { Tier } from '../engine/tier.ts';
import type { Network } from '../nn/network.ts';
import type { Objective } from '../nn/objective.ts';
import type { OptimizerConfig } from '../nn/optimizers/optimizer.ts';
import { initializeParameters } from '../nn/parameters.ts';
import { Session, type OptimizerState } from '../nn/session.ts';

/** Up to so many images are not worth starting threads for. */
const INLINE_IMAGES = 16;

/** In how many threads so many images are evaluated or predicted; 0 for the calling thread itself. */
export function threadsFor(images: number, threads: number): number {
  return images <= INLINE_IMAGES ? 0 : threads;
}

export interface KeeperOptions {
  readonly tier: Tier | 'auto';
  readonly threads: number;
  readonly seed: number;
}

/** What a session must be able to do. */
export interface Requirement {
  /** What is trained, if there are layers in front of the network; its weights are the same. */
  readonly network?: Network;
  /** The most images in a batch. */
  readonly batch: number;
  /** How many images there will be in all. */
  readonly count: number;
  readonly objective?: Objective;
  /** With it, it must train. */
  readonly optimizer?: OptimizerConfig;
  /** Whether larger batches than asked for are as good; else training has the memory that it needs, and no more. */
  readonly larger?: boolean;
}

export class SessionKeeper {
  #network: Network;
  readonly #options: KeeperOptions;
  #session: Session | undefined;
  #objective: Objective | undefined;
  /** What the session was made for. */
  #made: Network | undefined;
  /** What the network was then: between two trainings it can become another one. */
  #base: Network | undefined;
  /** The parameters while no session has them; drawn when they are first needed. */
  #parameters: Float32Array | undefined;
  #optimizerState: OptimizerState | undefined;
  #disposals = 0;
  /** Evaluations and predictions that are under way. */
  readonly #running = new Set<Promise<unknown>>();
  /** Sessions are created and given up one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(network: Network, options: KeeperOptions) {
    this.#network = network;
    this.#options = options;
  }

  get network(): Network {
    return this.#network;
  }

  /** Takes another network with the same weights, for the next session. */
  set network(network: Network) {
    this.#network = network;
  }

  /** The session that there is. */
  get current(): Session | undefined {
    return this.#session;
  }

  /** A session that can do what is asked, if possible the one there is. @throws EngineError if there can be none */
  obtain(requirement: Requirement): Promise<Session> {
    const session = this.#turn.then(() => this.#obtain(requirement));
    this.#turn = session.catch(() => undefined);
    return session;
  }

  /** Keeps the session that `work` runs in alive until it is done. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  /** A copy of the parameters as they are now. Only meaningful when no training is under way. */
  readParameters(): Float32Array {
    return this.#session?.readParameters() ?? this.#ownParameters().slice();
  }

  writeParameters(parameters: Float32Array): void {
    if (this.#session) this.#session.writeParameters(parameters);
    else this.#parameters = parameters;
  }

  /** What the optimizer knows, if there has been a training. */
  readOptimizerState(): OptimizerState | undefined {
    return this.#session?.trains ? this.#session.readOptimizerState() : this.#optimizerState;
  }

  /** Has the optimizer go on from where it was. */
  writeOptimizerState(state: OptimizerState): void {
    if (this.#session?.trains) this.#session.writeOptimizerState(state);
    else this.#optimizerState = state;
  }

  /** How many steps the optimizer has taken, or been asked for. */
  get steps(): number {
    const session = this.#session;
    return session?.trains ? session.steps : (this.#optimizerState?.steps ?? 0);
  }

  /** Has the optimizer start afresh. */
  forgetOptimizer(): void {
    const retired = this.#retire();
    this.#turn = Promise.allSettled([this.#turn, retired]);
    this.#optimizerState = undefined;
  }

  /** How often it has been disposed of. */
  get disposals(): number {
    return this.#disposals;
  }

  /** Ends the session, and whatever is being created. */
  async dispose(): Promise<void> {
    this.#disposals++;
    const retired = this.#turn.then(() => this.#retire());
    this.#turn = retired.catch(() => undefined);
    await retired;
  }

  async #obtain({
    batch,
    count,
    objective,
    optimizer,
    larger = false,
    network = this.#network,
  }: Requirement): Promise<Session> {
    const current = this.#session;
    const inline = !optimizer && threadsFor(count, this.#options.threads) === 0;
    const can = !objective || this.#objective === objective;
    const room = current && (larger ? current.batch >= batch : current.batch === batch);
    const same = this.#base === this.#network && (!optimizer || this.#made === network);
    const fits = optimizer ? current?.trains && room : inline || !current?.inline;
    if (current && !current.failed && same && can && fits) return current;
    const spent = await this.#retire();
    const { tier, threads, seed } = this.#options;
    const options = {
      tier,
      threads: inline ? 0 : threads,
      batch,
      seed,
      ...(objective && { objective }),
      ...(optimizer && { optimizer }),
    };
    const session = await Session.create(network, options, spent);
    session.writeParameters(this.#ownParameters());
    if (optimizer && this.#optimizerState) session.writeOptimizerState(this.#optimizerState);
    // The session has copies of its own.
    this.#parameters = undefined;
    if (optimizer) this.#optimizerState = undefined;
    this.#session = session;
    this.#objective = objective;
    this.#base = this.#network;
    this.#made = network;
    return session;
  }

  #ownParameters(): Float32Array {
    return (this.#parameters ??= initializeParameters(this.#network, this.#options.seed));
  }

  /** Takes everything back from the session, and ends it. @returns its memory, which nobody uses any more */
  async #retire(): Promise<WebAssembly.Memory | undefined> {
    const session = this.#session;
    if (!session) return undefined;
    this.#parameters = session.readParameters();
    if (session.trains) this.#optimizerState = session.readOptimizerState();
    this.#session = undefined;
    await Promise.allSettled(this.#running);
    const memory = session.failed ? undefined : session.memory;
    await session.dispose();
    return memory;
  }
}
