/** All peers at once: opened, checked against each other, warmed up, and then timed in turn. */
import { progress } from '../command.ts';
import { rest, WAKE } from '../measure.ts';
import { createSession, predictBatches, trainSteps } from '../tutorialCase.ts';
import type { Kind, Outputs } from './child.ts';
import { checkLosses, checkProbabilities } from './peer.ts';

/** Who takes part, and how. */
export interface Entry {
  readonly name: string;
  readonly threads: number;
  readonly batch: number;
  /** Batches in one timed run. */
  readonly batches: number;
  readonly note?: string;
}

/** Someone who takes part, in a process or a page. */
export interface Participant {
  readonly entry: Entry;
  /** Sets the peer up. @throws Error with the reason if it cannot be used */
  open(checkSteps: number): Promise<Outputs>;
  /** @returns how long it took, in seconds, on the peer's own clock */
  run(kind: Kind, batches: number): Promise<number>;
  close(): void;
}

export type PeerResult = Entry & {
  readonly kind: Kind;
  /** Images/s, one a repetition. A slow peer has fewer; they belong to the first ones of the others. */
  readonly rates: readonly number[];
};

export type PeerFailure = Entry & { readonly reason: string };

export interface TournamentOptions {
  readonly repetitions: number;
  readonly warmUp: number;
  /** Seconds that one peer may take in all; those that would need longer get fewer repetitions. */
  readonly budget: number;
  /** Repetitions that even the slowest gets. */
  readonly fewest: number;
}

interface Contender {
  readonly peer: Participant;
  readonly kind: Kind;
  readonly repetitions: number;
  readonly rates: number[];
}

/** Training steps that are compared: the loss of the third depends on two updates. */
const CHECK_STEPS = 3;

/** @param start  makes a participant of an entry when its turn comes to open */
export async function runTournament<E extends Entry>(
  options: TournamentOptions,
  entries: readonly E[],
  start: (entry: E) => Participant,
): Promise<{ results: PeerResult[]; failures: PeerFailure[] }> {
  const contenders: Contender[] = [];
  const failures: PeerFailure[] = [];
  const peers: Participant[] = [];
  try {
    for (const entry of entries) {
      progress(`${entry.name}, ${entry.threads}: opens, is compared and warms up`);
      const peer = start(entry);
      peers.push(peer);
      try {
        const kinds = compare(entry, await peer.open(CHECK_STEPS), await expected(entry.batch));
        for (const kind of kinds) contenders.push(await enter(peer, kind, options));
      } catch (error) {
        failures.push({ ...entry, reason: error instanceof Error ? error.message : String(error) });
      }
    }
    await takeTurns(contenders, options.repetitions);
  } finally {
    for (const peer of peers) peer.close();
  }
  const results = contenders.map(({ peer, kind, rates }) => ({ ...peer.entry, kind, rates }));
  return { results, failures };
}

/** @returns what the peer can do. @throws Error if it computes something else */
function compare({ name }: Entry, found: Outputs, reference: Required<Outputs>): Kind[] {
  const kinds: Kind[] = [];
  if (found.probabilities) {
    checkProbabilities(name, found.probabilities, reference.probabilities!);
    kinds.push('inference');
  }
  if (found.losses) {
    checkLosses(name, found.losses, reference.losses!);
    kinds.push('training');
  }
  return kinds;
}

const references = new Map<number, Promise<Outputs>>();

/** What simdnet makes of the same batches, whose golden case another framework computed. */
function expected(batch: number): Promise<Outputs> {
  let outputs = references.get(batch);
  if (!outputs) {
    outputs = (async () => {
      const session = await createSession('simd', 0, batch);
      const probabilities = await predictBatches(session, 1, batch);
      return { probabilities, losses: await trainSteps(session, CHECK_STEPS, batch) };
    })();
    references.set(batch, outputs);
  }
  return outputs;
}

/** Warms up, and settles how often the peer can be timed. */
async function enter(peer: Participant, kind: Kind, options: TournamentOptions): Promise<Contender> {
  let spent = 0;
  let fastest = Infinity;
  do {
    const seconds = await peer.run(kind, peer.entry.batches);
    spent += seconds;
    fastest = Math.min(fastest, seconds);
  } while (spent < options.warmUp);
  const affordable = Math.floor(options.budget / fastest);
  const repetitions = Math.min(options.repetitions, Math.max(options.fewest, affordable));
  return { peer, kind, repetitions, rates: [] };
}

async function takeTurns(contenders: readonly Contender[], repetitions: number): Promise<void> {
  for (let repetition = 0; repetition < repetitions; repetition++) {
    progress(`repetition ${repetition + 1} of ${repetitions}`);
    for (const { peer, kind, rates, ...contender } of contenders) {
      if (repetition >= contender.repetitions) continue;
      await rest();
      const { batch, batches } = peer.entry;
      // Of those that are timed for a single batch, each takes so long that waking up does not matter.
      for (let awake = 0; batches > 1 && awake < WAKE;) awake += await peer.run(kind, 1);
      rates.push((batch * batches) / (await peer.run(kind, batches)));
    }
  }
}
