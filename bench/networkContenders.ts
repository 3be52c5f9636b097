/** Who trains and runs a network side by side: simdnet, onnxruntime-node, and what a Python has. */
import { cores } from '#platform';
import type { Tier } from '../src/engine/tier.ts';
import { networkPreset, presetNamed } from '../src/networks/registry.ts';
import { buildNetwork, type Network } from '../src/nn/network.ts';
import { operationsOf, type Operations } from '../src/nn/operationsCount.ts';
import { sgd } from '../src/nn/optimizers/sgd.ts';
import { initializeParameters, tensorsIn } from '../src/nn/parameters.ts';
import { progress } from './command.ts';
import { secondsOf } from './measure.ts';
import { networkSession, predictBatch, randomBatches, trainBatch } from './networkCase.ts';
import { onnxNetwork } from './peers/onnxruntimeNode.ts';
import { checkProbabilities } from './peers/peer.ts';
import type { Kind } from './peers/child.ts';
import type { PythonPeer } from './python/pythonPeer.ts';
import { measuredTiers } from './tiers.ts';

/** Images in a batch, where nothing else is said. */
export const BATCH = 64;

/** What is trained in other batches. */
const BATCH_SIZES: Readonly<Record<string, number>> = { airbench94: 1024, airbench95: 1024 };

/** Different batches: enough that nothing is remembered. */
const BATCHES = 4;

/** How long a timed run should take, in seconds, and how many batches it has at most. */
const RUN = { seconds: 0.25, batches: 64 };

/** What is measured in other sizes than it was made for. */
const SHAPES: Readonly<Record<string, readonly [number, number, number]>> = { mobilenetv2: [96, 96, 3] };

export interface Subject {
  readonly name: string;
  readonly network: Network;
  /** Images in a batch. */
  readonly batch: number;
  /** Of one image. */
  readonly operations: Operations;
}

/** @param batch  how many images a batch has, if not as many as usual */
export function subjectNamed(name: string, batch = BATCH_SIZES[name] ?? BATCH): Subject {
  const { inputShape, classes } = presetNamed(name);
  const network = buildNetwork(networkPreset(name, { inputShape: SHAPES[name] ?? inputShape, classes }));
  return { name, network, batch, operations: operationsOf(network) };
}

/** Someone who does one of both. */
export interface NetworkContender {
  readonly who: string;
  readonly kind: Kind;
  /** Images of one run. */
  readonly images: number;
  /** How long the last run before the timed ones took, in seconds. */
  readonly seconds: number;
  readonly run: () => Promise<unknown>;
}

export interface Field {
  readonly contenders: readonly NetworkContender[];
  /** What the engine's memory takes, in MiB, where it can train. */
  readonly megabytes: number;
  /** simdnet's parameters as they are after the training so far; see src/nn/parameters.ts. */
  parameters(): Promise<Float32Array>;
  /** Who could not take part, and why. */
  readonly failures: readonly string[];
  close(): Promise<void>;
}

/** Opens everyone, compares what simdnet and onnxruntime-node predict, and settles how long runs are. @throws Error if they differ */
export async function openField(
  { network, batch: size }: Subject,
  peers: readonly PythonPeer[],
  warmUp: number,
): Promise<Field> {
  const batches = randomBatches(network, size, BATCHES);
  const weights = tensorsIn(network, initializeParameters(network, 0));
  const threads = cores();
  const contenders: NetworkContender[] = [];
  const failures: string[] = [];
  const closing: (() => Promise<void>)[] = [];
  const native = await onnxNetwork({ network, weights, batches }, threads);
  closing.push(() => native.close());
  const expected = await native.predict(1);
  const enter = async (who: string, kind: Kind, run: (count: number) => Promise<unknown>): Promise<void> => {
    contenders.push({ who, kind, ...(await calibrate(run, size, warmUp)) });
  };
  let megabytes = 0;
  let parameters: Field['parameters'] | undefined;
  for (const tier of fastTiers()) {
    const session = await networkSession(network, { tier, threads, batch: size, optimizer: sgd() });
    closing.push(() => session.dispose());
    megabytes = session.arenaBytes / 2 ** 20;
    parameters = async () => {
      await session.fetch();
      return session.readParameters();
    };
    checkProbabilities(`simdnet ${tier}`, [await predictBatch(session, batches[0]!)], expected);
    const each = (
      count: number,
      work: (batch: (typeof batches)[number]) => Promise<unknown>,
    ): Promise<unknown> => Promise.all(Array.from({ length: count }, (_, i) => work(batches[i % BATCHES]!)));
    await enter(`simdnet ${tier}`, 'training', (count) => each(count, (batch) => trainBatch(session, batch)));
    await enter(`simdnet ${tier}`, 'inference', (count) =>
      each(count, (batch) => predictBatch(session, batch)),
    );
  }
  await enter('onnxruntime-node', 'inference', async (count) => {
    for (let left = count; left > 0; left -= BATCHES) await native.predict(Math.min(left, BATCHES));
  });
  for (const peer of peers) {
    try {
      await peer.open(network, size, threads);
      for (const kind of ['training', 'inference'] as const) {
        await enter(peer.name, kind, (count) => peer.run(kind, count));
      }
    } catch (error) {
      failures.push(`${peer.name}: ${(error as Error).message}`);
      progress(failures.at(-1)!);
    }
  }
  return {
    contenders,
    megabytes,
    parameters: parameters!,
    failures,
    close: async () => {
      for (const close of closing) await close();
    },
  };
}

/** The builds that are worth while: with fused multiply-adds. */
export function fastTiers(): readonly Tier[] {
  return measuredTiers().filter((tier) => tier !== 'simd');
}

/** Warms up with single batches, and makes runs of as many as take {@link RUN}.seconds. */
export async function calibrate(
  run: (count: number) => Promise<unknown>,
  size: number,
  warmUp: number,
): Promise<Pick<NetworkContender, 'images' | 'seconds' | 'run'>> {
  let spent = 0;
  let fastest = Infinity;
  do {
    const seconds = await secondsOf(() => run(1));
    spent += seconds;
    fastest = Math.min(fastest, seconds);
  } while (spent < warmUp);
  const count = Math.max(1, Math.min(RUN.batches, Math.round(RUN.seconds / fastest)));
  const seconds = count === 1 ? fastest : await secondsOf(() => run(count));
  return { images: count * size, seconds, run: () => run(count) };
}
