/** The page's side of a contender in Chromium: what a child process is in Node. */
import type { Dataset } from '../../src/data/dataset.ts';
import { useImages } from '../imageSet.ts';
import type { Kind, Outputs } from '../peers/child.ts';
import type { Peer, PeerOptions } from '../peers/peer.ts';
import type { PageEntry, PageModule } from './entries.ts';

/** Loaded only in the page that needs them. */
const PEERS: Readonly<Record<PageModule, (options: PeerOptions) => Promise<Peer>>> = {
  'simdnet simd': async (options) => (await import('../peers/simdnet.ts')).simdnet('simd', options),
  'simdnet relaxed': async (options) => (await import('../peers/simdnet.ts')).simdnet('relaxed', options),
  'onnxruntime-web': async (options) => {
    const { env } = await import('onnxruntime-web');
    env.wasm.wasmPaths = '/node_modules/onnxruntime-web/dist/';
    return (await import('../peers/onnxruntimeWeb.ts')).onnxruntimeWeb(options);
  },
  'tfjs wasm': async (options) => {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths('/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
    (await import('../peers/tfjsWasmTraining.ts')).registerConvolutionGradients();
    return (await import('../peers/tfjs.ts')).tfjs('wasm', options);
  },
  'tfjs webgl': async (options) => {
    await import('@tensorflow/tfjs-backend-webgl');
    return (await import('../peers/tfjs.ts')).tfjs('webgl', options);
  },
  'tfjs webgpu': async (options) => {
    await import('@tensorflow/tfjs-backend-webgpu');
    return (await import('../peers/tfjs.ts')).tfjs('webgpu', options);
  },
  'jax-js': async (options) => (await import('../peers/jaxJs.ts')).jaxJs(options),
};

/** Typed arrays as plain ones, to be handed over to Node. */
export interface PlainOutputs {
  readonly probabilities: readonly number[][] | undefined;
  readonly losses: Outputs['losses'];
}

/** The same images as in Node. */
async function fetchImages(): Promise<void> {
  const set = (await (await fetch('/images.json')).json()) as Omit<Dataset, 'images' | 'labels'> & {
    labels: number[];
  };
  const images = new Uint8Array(await (await fetch('/images.bin')).arrayBuffer());
  useImages({ ...set, images, labels: Uint8Array.from(set.labels) });
}

let peer: Peer | undefined;

const bench = {
  async open(entry: PageEntry, checkSteps: number): Promise<PlainOutputs> {
    await fetchImages();
    const batches = Math.max(entry.batches, checkSteps);
    peer = await PEERS[entry.module]({ ...entry, batches });
    const probabilities = await peer.predict?.(1);
    const losses = await peer.train?.(checkSteps);
    return { probabilities: probabilities?.map((each) => Array.from(each)), losses };
  },

  /** @returns how long it took, in seconds */
  async run(kind: Kind, batches: number): Promise<number> {
    const start = performance.now();
    await (kind === 'training' ? peer!.train! : peer!.predict!)(batches);
    return (performance.now() - start) / 1000;
  },

  /** What draws and computes for WebGL and WebGPU here. */
  async renderers(): Promise<{ webgl: string; webgpu: string }> {
    const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
    const info = gl?.getExtension('WEBGL_debug_renderer_info');
    const webgl = gl && info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : 'none';
    const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<{ info: object } | null> } };
    const adapter = (await gpu?.requestAdapter()) ?? undefined;
    return { webgl, webgpu: adapter ? adapterName(adapter.info) : 'none' };
  },
};

function adapterName(info: object): string {
  const { vendor, architecture, description } = info as Record<string, string | undefined>;
  return [vendor, architecture, description].filter(Boolean).join(' ') || 'unnamed';
}

export type PageBench = typeof bench;

Object.assign(globalThis, { bench });
