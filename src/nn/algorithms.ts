/** The one place that chooses how a convolution is computed. */
import type { Shape, WindowGeometry } from './shape.ts';
import type {
  ConvolutionAlgorithm,
  ConvolutionChoice,
  ConvolutionSpec,
} from './operations/convolutionAlgorithm.ts';
import { im2col } from './operations/im2col.ts';
import { pointwise, suitsPointwise } from './operations/pointwise.ts';
import { suitsWinograd, winograd } from './operations/winograd.ts';

/** @param choice  the algorithm to use where the convolution suits it; `auto` is the fastest */
export function chooseAlgorithm(
  spec: ConvolutionSpec,
  geometry: WindowGeometry,
  input: Shape,
  choice: ConvolutionChoice,
): ConvolutionAlgorithm {
  if (choice === 'auto' && suitsPointwise(spec, geometry.margins)) return pointwise(spec);
  const algorithm = choice !== 'im2col' && suitsWinograd(spec, input[2]!) ? winograd : im2col;
  return algorithm(spec, geometry, input);
}
