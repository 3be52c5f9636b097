/** The calls of a training step beside the roofline, taken in the same moments. */
import type { Tier } from '../src/engine/tier.ts';
import { buildNetwork, type Network } from '../src/nn/network.ts';
import { tutorialNetwork } from '../src/networks/tutorial.ts';
import type { Effort } from './measure.ts';
import { profileStep } from './profile.ts';
import type { Roofline, RooflineSample } from './roofline/roofline.ts';
import { median, ratio } from './statistics.ts';
import { BATCH } from './tutorialCase.ts';
import { shardsIn, workOf, type Work } from './work.ts';

export interface KernelResult {
  /** Such as "conv2d_1 dFilter". */
  readonly name: string;
  readonly kernels: readonly string[];
  readonly work: Work;
  /** For all calls of the name together, one figure a repetition. */
  readonly seconds: readonly number[];
  /** The share of the roofline, taken in the same moment: of multiply-adds, or of the triad's bandwidth. */
  readonly share: number;
}

export interface KernelProfile {
  readonly kernels: readonly KernelResult[];
  /** One a repetition. */
  readonly roofline: readonly RooflineSample[];
}

/** The tutorial's network with im2col for all convolutions, and poolings of their own. */
export const im2colNetwork = buildNetwork(tutorialNetwork(), 'im2col');

/** Profiles a step at batch {@link BATCH}, with a look at the roofline before each repetition. */
export async function profileKernels(
  network: Network,
  tier: Tier,
  effort: Effort,
  roofline: Roofline,
): Promise<KernelProfile> {
  const taken: RooflineSample[] = [];
  const profiles = await profileStep(network, tier, BATCH, effort, () => taken.push(roofline.sample()));
  const kernels = profiles.map(({ label, instructions, seconds, density }) => {
    const called = [...new Set(instructions.map(({ kernel }) => kernel))];
    const work = workOf(network, label, called, BATCH, { density, shards: shardsIn(instructions) });
    const product = work.operations > 0;
    const rates = seconds.map((each) => (product ? work.multiplied : work.bytes) / each / 1e9);
    const limits = taken.map(({ peak, triad }) => (product ? peak : triad));
    return { name: label, kernels: called, work, seconds, share: ratio(rates, limits).median };
  });
  return { kernels, roofline: taken };
}

/** What im2col's products together reach of the roofline's multiply-adds. */
export interface Im2colShares {
  readonly forward: number;
  readonly backward: number;
}

/** @param profile  of {@link im2colNetwork} */
export function im2colShares({ kernels, roofline }: KernelProfile): Im2colShares {
  const convolutions = kernels.filter(({ name, work }) => work.operations > 0 && name.startsWith('conv'));
  const share = (chosen: readonly KernelResult[]): number => {
    const operations = chosen.reduce((sum, { work }) => sum + work.multiplied, 0);
    return median(
      roofline.map(({ peak }, i) => {
        const seconds = chosen.reduce((sum, each) => sum + each.seconds[i]!, 0);
        return operations / seconds / 1e9 / peak;
      }),
    );
  };
  const isForward = ({ name }: KernelResult): boolean => name.endsWith(' forward');
  return {
    forward: share(convolutions.filter(isForward)),
    backward: share(convolutions.filter((each) => !isForward(each))),
  };
}
