/** A step of Muon for one matrix in float64, from its formulas. */

export interface MuonMatrix {
  /** [rows, columns] row-major: inputs by outputs. */
  readonly parameters: Float64Array;
  readonly momentum: Float64Array;
}

export interface MuonSettings {
  readonly rate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly steps: number;
  readonly coefficients: readonly [number, number, number];
  readonly epsilon: number;
  readonly norm: number | undefined;
}

export function muonStep(
  { parameters, momentum }: MuonMatrix,
  gradients: Float64Array,
  rows: number,
  columns: number,
  settings: MuonSettings,
): MuonMatrix {
  const keep = settings.momentum;
  const next = momentum.map((value, i) => keep * value + gradients[i]!);
  const direction = settings.nesterov ? next.map((value, i) => gradients[i]! + keep * value) : next;
  const length = (values: Float64Array): number => Math.hypot(...values);
  const orthogonal = orthogonalized(
    direction.map((value) => value / (length(direction) + settings.epsilon)),
    rows,
    columns,
    settings,
  );
  const scale = settings.norm === undefined ? 1 : settings.norm / length(parameters);
  return {
    parameters: parameters.map((value, i) => scale * value - settings.rate * orthogonal[i]!),
    momentum: next,
  };
}

/** X ← aX + (bA + cA²)X with A = XXᵀ, whichever shape X has: not how the engine goes about it. */
function orthogonalized(
  matrix: Float64Array,
  rows: number,
  columns: number,
  { steps, coefficients: [a, b, c] }: MuonSettings,
): Float64Array {
  let x = matrix;
  for (let step = 0; step < steps; step++) {
    const gram = product(x, transposed(x, rows, columns), rows, columns, rows);
    const square = product(gram, gram, rows, rows, rows);
    const factor = gram.map((value, i) => b * value + c * square[i]!);
    const rest = product(factor, x, rows, rows, columns);
    x = x.map((value, i) => a * value + rest[i]!);
  }
  return x;
}

function transposed(x: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from(x, (_, i) => x[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** [rows, depth] · [depth, columns] */
function product(
  x: Float64Array,
  y: Float64Array,
  rows: number,
  depth: number,
  columns: number,
): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < depth; i++)
      for (let column = 0; column < columns; column++)
        result[row * columns + column]! += x[row * depth + i]! * y[i * columns + column]!;
  return result;
}
