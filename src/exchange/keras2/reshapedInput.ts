/** Networks whose input are no images, by images with as many values. */
import type { Spec } from '../../nn/layers/definition.ts';
import { reshape } from '../../nn/layers/reshape.ts';
import type { Shape } from '../../nn/shape.ts';
import { withSettings, type LayerSpec } from '../../nn/spec.ts';
import { IMAGES } from '../../nn/symbolic.ts';

/** The layers, behind one that gives images the shape that they take. */
export function reshapedInput(specs: readonly Spec[], targetShape: Shape): Spec[] {
  const names = new Set(specs.map(({ name }) => name));
  let name = 'input_reshape';
  for (let i = 1; names.has(name); i++) name = `input_reshape_${i}`;
  const inputShape = specs[0]?.inputShape;
  const first = reshape({ name, targetShape, ...(inputShape && { inputShape }) });
  const others = specs.map((spec) => {
    const inputs = spec.inputs?.map((each) => (each === IMAGES ? name : each));
    return withSettings(spec as LayerSpec, { inputShape: undefined, ...(inputs && { inputs }) });
  });
  return [first, ...others];
}
