/** simdnet itself, as one more contender. */
import type { Tier } from '../../src/engine/tier.ts';
import { createSession, predictBatches, trainSteps } from '../tutorialCase.ts';
import type { Peer, PeerOptions } from './peer.ts';

export async function simdnet(tier: Tier, { threads, batch }: PeerOptions): Promise<Peer> {
  const session = await createSession(tier, threads, batch);
  return {
    predict: (batches) => predictBatches(session, batches, batch),
    train: (batches) => trainSteps(session, batches, batch),
    close: () => session.dispose(),
  };
}
