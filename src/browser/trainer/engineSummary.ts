import { engine } from '../../engine/info.ts';
import type { Model } from '../../training/model.ts';
import type { EngineSummary } from '../protocol.ts';

/** What runs here, or what a model that has run did run on. @throws EngineError if there is no WebAssembly SIMD */
export async function engineSummary(model?: Model): Promise<EngineSummary> {
  const { tier, threads, reason } = await engine.info();
  return {
    tier: model?.engine?.tier ?? tier,
    threads: model?.engine?.threads ?? threads,
    mostThreads: threads,
    reason,
  };
}
