/** The hard sigmoid of Keras 2 and tfjs, 0.2 · x + 0.5 between 0 and 1, by that of Keras 3, which rises by x / 6. */
import { activation } from '../../nn/layers/activation.ts';
import type { Spec } from '../../nn/layers/definition.ts';
import { rescaling } from '../../nn/layers/rescaling.ts';

/** Of x / 6: makes 0.2 · x of it. */
const SLOPE = 1.2;

/** Layers whose hard sigmoid is that of Keras 2, as those here that compute the same: an input that is stretched first. */
export function withHardSigmoidOfKeras2(specs: readonly Spec[]): Spec[] {
  const names = new Set(specs.map(({ name }) => name));
  const fresh = (wanted: string): string => {
    let name = wanted;
    for (let i = 1; names.has(name); i++) name = `${wanted}_${i}`;
    names.add(name);
    return name;
  };
  /** The layers whose outputs stand for those of others. */
  const standIns = new Map<string, string>();
  return specs.flatMap((spec): Spec[] => {
    const taken = spec.inputs?.map((each) => standIns.get(each) ?? each);
    const own: Spec = taken ? { ...spec, inputs: taken } : spec;
    if (!('activation' in own) || own.activation !== 'hard_sigmoid') return [own];
    const slope = fresh(`${own.name!}_slope`);
    if (own.type === 'activation') {
      const { inputs, inputShape, ...rest } = own;
      const given = { ...(inputs && { inputs }), ...(inputShape && { inputShape }) };
      return [
        { ...rescaling({ scale: SLOPE, name: slope }), ...given },
        { ...rest, inputs: [slope] },
      ];
    }
    const name = fresh(`${own.name!}_hard_sigmoid`);
    standIns.set(own.name!, name);
    return [
      { ...own, activation: 'linear' } as Spec,
      { ...rescaling({ scale: SLOPE, name: slope }), inputs: [own.name!] },
      { ...activation({ activation: 'hard_sigmoid', name }), inputs: [slope] },
    ];
  });
}
