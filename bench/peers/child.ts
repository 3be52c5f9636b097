/** One peer in a process of its own, so that flags, threads and memory of one do not touch another's. */
import { openImages, type ImageSource } from '../images.ts';
import type { Peer, PeerOptions } from './peer.ts';
import type { PeerModule, RosterEntry } from './roster.ts';

/** What the parent asks for. */
export type ChildRequest =
  | {
      readonly ask: 'open';
      readonly entry: RosterEntry;
      readonly images: ImageSource;
      readonly checkSteps: number;
    }
  | { readonly ask: 'run'; readonly kind: Kind; readonly batches: number };

export type Kind = 'training' | 'inference';

/** What the peer makes of the first batches with the given weights. */
export interface Outputs {
  readonly probabilities: readonly Float32Array[] | undefined;
  readonly losses: readonly number[] | undefined;
}

export type ChildReply =
  | ({ readonly reply: 'outputs' } & Outputs)
  | { readonly reply: 'seconds'; readonly seconds: number }
  | { readonly reply: 'failure'; readonly reason: string };

/** Loaded only in the process that needs them. */
const PEERS: Readonly<Record<PeerModule, (options: PeerOptions) => Promise<Peer>>> = {
  'simdnet simd': async (options) => (await import('./simdnet.ts')).simdnet('simd', options),
  'simdnet relaxed': async (options) => (await import('./simdnet.ts')).simdnet('relaxed', options),
  'simdnet turbo': async (options) => (await import('./simdnet.ts')).simdnet('turbo', options),
  'onnxruntime-node': async (options) => (await import('./onnxruntimeNode.ts')).onnxruntimeNode(options),
  'onnxruntime-web': async (options) => (await import('./onnxruntimeWeb.ts')).onnxruntimeWeb(options),
  'tfjs cpu': async (options) => {
    await import('@tensorflow/tfjs-backend-cpu');
    return (await import('./tfjs.ts')).tfjs('cpu', options);
  },
  'tfjs wasm': async (options) => {
    await import('@tensorflow/tfjs-backend-wasm');
    (await import('./tfjsWasmTraining.ts')).registerConvolutionGradients();
    return (await import('./tfjs.ts')).tfjs('wasm', options);
  },
  'tfjs-node': async (options) => {
    // Optional: it downloads native code when it is installed.
    const name = '@tensorflow/tfjs-node';
    await import(name);
    return (await import('./tfjs.ts')).tfjs('tensorflow', options);
  },
  'jax-js': async (options) => (await import('./jaxJs.ts')).jaxJs(options),
};

let peer: Peer | undefined;

async function answer(request: ChildRequest): Promise<ChildReply> {
  if (request.ask === 'open') {
    const { entry, images, checkSteps } = request;
    await openImages(images);
    peer = await PEERS[entry.name](entry);
    const probabilities = await peer.predict?.(1);
    return { reply: 'outputs', probabilities, losses: await peer.train?.(checkSteps) };
  }
  const start = performance.now();
  await (request.kind === 'training' ? peer!.train! : peer!.predict!)(request.batches);
  return { reply: 'seconds', seconds: (performance.now() - start) / 1000 };
}

process.on('message', (request: ChildRequest) => {
  void answer(request)
    .catch((error: unknown): ChildReply => {
      const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
      const text = error instanceof Error ? error.message.split('\n')[0]! : String(error);
      return { reply: 'failure', reason: missing ? 'not installed' : text };
    })
    .then((reply) => process.send!(reply));
});
