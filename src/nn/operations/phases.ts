/** The gradient of a convolution's input, taken apart: each phase of the input is a correlation of its own. */

/** A phase of the input along one axis: which taps meet the input positions phase, phase + stride, … */
export interface AxisPhase {
  readonly phase: number;
  /** How many input positions there are. */
  readonly positions: number;
  /** How many taps meet them, the last of which is `lastTap`; they are a stride apart. */
  readonly taps: number;
  readonly lastTap: number;
  /** The output position under the last tap at the first input position; negative in the margin. */
  readonly first: number;
  /** How far the output positions under neighbouring taps are apart. */
  readonly apart: number;
}

/**
 * Splits an axis into phases: position p meets tap k if p + margin − k · dilation is a multiple of the stride. One of stride and
 * dilation is 1.
 */
export function axisPhases(
  input: number,
  kernel: number,
  stride: number,
  margin: number,
  dilation: number,
): AxisPhase[] {
  const phases: AxisPhase[] = [];
  for (let phase = 0; phase < Math.min(stride, input); phase++) {
    const remainder = (phase + margin) % stride;
    const taps = Math.max(0, Math.ceil((kernel - remainder) / stride));
    const lastTap = remainder + (taps - 1) * stride;
    const first = taps > 0 ? (phase + margin - lastTap * dilation) / stride : 0;
    const positions = Math.ceil((input - phase) / stride);
    phases.push({ phase, positions, taps, lastTap, first, apart: dilation });
  }
  return phases;
}

/** The zeros that all phases together read before and behind the `output` positions of dOutput. */
export function gradientMargin(phases: readonly AxisPhase[], output: number): readonly [number, number] {
  const before = Math.max(0, ...phases.map(({ first }) => -first));
  const behind = Math.max(
    0,
    ...phases.map(({ first, positions, taps, apart }) => first + positions + (taps - 1) * apart - output),
  );
  return [before, behind];
}
