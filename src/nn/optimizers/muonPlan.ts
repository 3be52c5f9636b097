/**
 * A step of Muon (Jordan 2024, "Muon: an optimizer for hidden layers"): the momentum of a matrix is replaced by the orthogonal
 * matrix that is nearest to it, roughly. An odd polynomial brings all singular values near 1 (Newton–Schulz): X ← X·(aI + bA +
 * cA²) with A = XᵀX, a few times, from X of norm 1.
 */
import { call, inGrains } from '../../engine/call.ts';
import type { Address } from '../../engine/pointer.ts';
import type { Instruction } from '../../engine/program.ts';
import { NO_CLAMP } from '../activations/activation.ts';
import { panelBytes, product, TILE } from '../operations/correlation.ts';
import { KERNEL_GRAIN } from '../operations/dense.ts';
import type { PlanContext } from '../operations/operation.ts';
import type { MuonConfig } from './muon.ts';
import type { MatrixUpdate } from './optimizer.ts';

/** How many shards the square of a norm is summed over. */
const SHARDS = 16;
/** How many rows are packed at a time for XᵀX. */
const CHUNK = 64;

/** Room for the largest of the matrices, which take their turns. */
interface Room {
  readonly context: PlanContext;
  /** X, and its product or what it is transposed from. */
  readonly tall: readonly [Address, Address];
  /** [columns, columns] each, rows rounded up: XᵀX, it divided by the square of the norm, and A² or the polynomial. */
  readonly square: readonly [Address, Address, Address];
  readonly panels: Address;
  readonly partials: Address;
}

interface Shape {
  readonly rows: number;
  readonly columns: number;
}

/** What is multiplied, and where it goes; rows of source and target are so many bytes apart. */
interface Factors extends Shape {
  readonly source: Address;
  readonly sourceRow: number;
  readonly factor: Address;
  readonly target: Address;
  readonly targetRow: number;
  readonly panels: Address;
}

export function planMuon(
  config: MuonConfig,
  context: PlanContext,
  updates: readonly MatrixUpdate[],
): readonly Instruction[] {
  const shapes = updates.map(tallShape);
  const most = (bytes: (shape: Shape) => number): number => Math.max(...shapes.map(bytes));
  // The momentum is written in whole blocks.
  const tall = most(({ rows, columns }) => rows * columns * 4) + 64;
  const square = most(({ columns }) => (roundUp(columns, TILE.rows) + 1) * pitch(columns));
  const room: Room = {
    context,
    tall: [context.allocate(tall), context.allocate(tall)],
    square: [context.allocate(square), context.allocate(square), context.allocate(square)],
    panels: context.allocate(most(({ columns }) => panelBytes(columns, columns))),
    partials: context.allocate(SHARDS * 8),
  };
  return updates.flatMap((update) => planMatrix(config, room, update));
}

function tallShape({ inputs, outputs }: MatrixUpdate): Shape {
  return { rows: Math.max(inputs, outputs), columns: Math.min(inputs, outputs) };
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

/** Bytes from one row of a square matrix to the next. */
function pitch(columns: number): number {
  return roundUp(columns, TILE.columns) * 4;
}

function planMatrix(config: MuonConfig, room: Room, update: MatrixUpdate): Instruction[] {
  const { name, inputs, outputs, parameters, gradients, variables, multiplier, blocks } = update;
  const { momentum, nesterov, nsSteps, normalizeWeights } = config;
  const label = `${name} muon`;
  const [first, second] = room.tall;
  const wide = inputs < outputs;
  const shape = tallShape(update);
  const transpose = (rows: number, columns: number, source: Address, target: Address): Instruction =>
    call('transposeMatrix', label, columns, { source, rows, columns, target });
  const lengths = call('sumSquares', label, SHARDS, {
    values: parameters,
    blocks,
    shards: SHARDS,
    partials: room.partials,
  });
  const iterations: Instruction[] = [];
  let [from, to] = wide ? [second, first] : [first, second];
  for (let step = 0; step < nsSteps; step++) {
    iterations.push(...planIteration(config, room, label, shape, from, to, step === 0));
    [from, to] = [to, from];
  }
  return [
    ...(normalizeWeights ? [{ ...lengths, independent: true }] : []),
    call('muonDirection', label, blocks, {
      gradients,
      momentums: variables[0]!,
      directions: first,
      momentum,
      nesterov: nesterov ? 1 : 0,
    }),
    ...(wide ? [transpose(inputs, outputs, first, second)] : []),
    ...iterations,
    ...(wide ? [transpose(outputs, inputs, from, to)] : []),
    call('muonStep', label, blocks, {
      parameters,
      directions: wide ? to : from,
      values: inputs * outputs,
      partials: room.partials,
      shards: SHARDS,
      norm: normalizeWeights ? Math.sqrt(outputs) : 0,
      rate: 'rate',
      multiplier: multiplier * adjustment(config, update),
    }),
  ];
}

function adjustment({ adjustLearningRate }: MuonConfig, { inputs, outputs }: MatrixUpdate): number {
  switch (adjustLearningRate) {
    case 'original':
      return Math.sqrt(Math.max(1, outputs / inputs));
    case 'matchRmsAdamw':
      return 0.2 * Math.sqrt(Math.max(outputs, inputs));
    case 'none':
      return 1;
  }
}

/** @param first  whether X has its own norm yet, instead of 1 */
function planIteration(
  { epsilon, nsCoefficients: [a, b, c] }: MuonConfig,
  { context, square: [gram, scaled, polynomial], panels }: Room,
  label: string,
  { rows, columns }: Shape,
  from: Address,
  to: Address,
  first: boolean,
): Instruction[] {
  const rowBytes = pitch(columns);
  const matrix = first ? scaled : gram;
  return [
    call('denseBackwardKernel', label, inGrains(Math.ceil(columns / TILE.rows), KERNEL_GRAIN), {
      input: from,
      inputRow: columns * 4,
      inputs: columns,
      dOutput: from,
      batch: rows,
      outputs: columns,
      chunk: CHUNK,
      dKernel: gram,
      scratch: context.scratch(32 + CHUNK * (8 + 32 + rowBytes)),
    }),
    ...(first ? [call('muonScale', label, columns, { gram, columns, rowBytes, epsilon, scaled })] : []),
    ...multiplied(context, label, {
      ...{ source: matrix, sourceRow: rowBytes, factor: matrix, target: polynomial, targetRow: rowBytes },
      ...{ rows: columns, columns, panels },
    }),
    call('muonPolynomial', label, columns, {
      matrix,
      square: polynomial,
      gram: first ? gram : 0,
      columns,
      rowBytes,
      epsilon,
      a,
      b,
      c,
      polynomial,
    }),
    ...multiplied(context, label, {
      ...{ source: from, sourceRow: columns * 4, factor: polynomial, target: to, targetRow: columns * 4 },
      ...{ rows, columns, panels },
    }),
  ];
}

/** target [rows, columns] = source [rows, columns] · factor [columns, columns] */
function multiplied(
  context: PlanContext,
  label: string,
  { source, sourceRow, factor, target, targetRow, rows, columns, panels }: Factors,
): Instruction[] {
  const multiply = product(context, label, {
    input: source,
    stepX: sourceRow,
    segment: columns,
    filter: panels,
    output: target,
    outputPixel: targetRow,
    width: rows,
    channels: columns,
    clamp: NO_CLAMP,
  });
  return [
    call('packFilter', label, Math.ceil(columns / TILE.columns), {
      filter: factor,
      filterRow: pitch(columns),
      bias: context.zeros(columns * 4),
      depth: columns,
      columns,
      panels,
    }),
    multiply(1),
  ];
}
