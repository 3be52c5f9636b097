/** The calls of a training step beside the roofline, taken in the same moments. */
import type { Tier } from '../src/engine/tier.ts';
import { buildNetwork } from '../src/nn/network.ts';
import { tutorialNetwork } from '../src/networks/tutorial.ts';
import type { Effort } from './measure.ts';
import { profileStep, type Subject } from './profile.ts';
import type { Roofline, RooflineSample } from './roofline/roofline.ts';
import { median, ratio } from './statistics.ts';
import { workOf, type Work } from './work.ts';

export interface KernelResult {
  /** Such as "conv2d_1 dFilter". */
  readonly name: string;
  readonly kernels: readonly string[];
  readonly work: Work;
  /** How much threads can share out, of each call. */
  readonly items: readonly number[];
  /** For all calls of the name together, one figure a repetition. */
  readonly seconds: readonly number[];
  /** The share of the roofline, taken in the same moment: of multiply-adds, or of the triad's bandwidth. */
  readonly share: number;
  /** The share of the triad's bandwidth where products move about as many bytes as they multiply numbers: depthwise. */
  readonly streamed?: number;
}

export interface KernelProfile {
  readonly kernels: readonly KernelResult[];
  /** One a repetition. */
  readonly roofline: readonly RooflineSample[];
}

/** The tutorial's network with im2col for all convolutions, and poolings of their own. */
export const im2colNetwork = buildNetwork(tutorialNetwork(), 'im2col');

/** Profiles a step, with a look at the roofline before each repetition. */
export async function profileKernels(
  subject: Subject,
  tier: Tier,
  effort: Effort,
  roofline: Roofline,
): Promise<KernelProfile> {
  const taken: RooflineSample[] = [];
  const profiles = await profileStep(subject, tier, effort, () => taken.push(roofline.sample()));
  const kernels = profiles.map(({ label, calls, seconds, density }): KernelResult => {
    const work = workOf(subject.network, label, calls, subject.batch, density);
    const shareOf = (amount: number, limits: readonly number[]): number =>
      ratio(
        seconds.map((each) => amount / each / 1e9),
        limits,
      ).median;
    const streamed = shareOf(
      work.bytes,
      taken.map(({ triad }) => triad),
    );
    const multiplied = shareOf(
      work.multiplied,
      taken.map(({ peak }) => peak),
    );
    const product = work.operations > 0;
    return {
      name: label,
      kernels: [...new Set(calls.map(({ kernel }) => kernel))],
      work,
      items: calls.map(({ items }) => items),
      seconds,
      share: product ? multiplied : streamed,
      ...(product && work.bytes > 0 ? { streamed } : {}),
    };
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
