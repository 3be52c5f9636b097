/**
 * From a network to programs: the memory plan, and the kernel calls of a training step, an evaluation, a prediction.
 *
 * Memory, from low to high: parameters | gradients | what the optimizer keeps, each laid out by parameters.ts; the slots that
 * the host fills with batches; activations and their gradients with their margins; packed filters and partial sums;
 * each thread's scratch.
 */
import { ALIGNMENT, Arena, align } from '../engine/arena.ts';
import type { Argument, Instruction, Program } from '../engine/program.ts';
import { fuse } from './fusion.ts';
import { consumersOf } from './graph.ts';
import { together } from './layers/correlation.ts';
import type { Addresses, Layer, PlanContext } from './layers/layer.ts';
import type { Network } from './network.ts';
import type { OptimizerConfig } from './optimizers/optimizer.ts';
import { optimizerDefinition } from './optimizers/registry.ts';
import { parameterLayout, trainedRanges, type ParameterRange } from './parameters.ts';
import { size } from './shape.ts';
import { marginsFor, planBackward, planForward, reluBackward } from './stages.ts';
import { IMAGES } from './symbolic.ts';
import { allocateView, type View } from './view.ts';

/** Offsets of a batch's parts from the start of its slot, in bytes. */
export interface SlotLayout {
  /** [batch, height, width, channels], u8 or float32. */
  readonly images: number;
  /** [batch] i32. */
  readonly labels: number;
  /** [2] f64: the sum of the losses, and how many predictions are right. */
  readonly metrics: number;
  /** [batch, classes] float32. */
  readonly output: number;
  readonly bytes: number;
}

export interface Plan {
  readonly arena: Arena;
  readonly slots: readonly number[];
  readonly slot: SlotLayout;
  /** The address of the parameters; gradients and what the optimizer keeps follow at intervals of `parameterBytes`. */
  readonly parameters: number;
  readonly parameterBytes: number;
  readonly barrier: number;
  readonly scratch: readonly number[];
  /** Packs the weights for the programs that only go forward; after the weights have changed. */
  prepare(): Program;
  evaluate(count: number, bytes: boolean): Program;
  predict(count: number, bytes: boolean): Program;
  /** @throws if the plan is not for training */
  train(count: number, bytes: boolean): Program;
}

export interface PlanOptions {
  /** The first address that the engine leaves free. */
  readonly start: number;
  /** The most images in a batch. */
  readonly batch: number;
  readonly threads: number;
  /** How many batches can be under way at once. */
  readonly slots: number;
  /** With it, the plan is for training. */
  readonly optimizer: OptimizerConfig | undefined;
}

export function planNetwork(network: Network, options: PlanOptions): Plan {
  const { batch, threads, optimizer } = options;
  const arena = new Arena(options.start);
  const layout = parameterLayout(network);
  const blocks = optimizer ? 2 + optimizerDefinition(optimizer).variables(optimizer).length : 1;
  const parameters = arena.allocate(layout.bytes * blocks);
  const slot = slotLayout(network, batch);
  const slots = Array.from({ length: options.slots }, () => arena.allocate(slot.bytes));
  let scratchBytes = 0;
  const context: PlanContext = {
    arena,
    batch,
    reserveScratch: (bytes) => {
      scratchBytes = Math.max(scratchBytes, bytes);
    },
  };
  const addresses = (layer: Layer, base: number): Addresses =>
    Object.fromEntries(
      layer.weights.map(({ name }) => [name, base + layout.offsets.get(`${layer.name}/${name}`)!]),
    );
  const weights = (layer: Layer): Addresses => addresses(layer, parameters);
  const gradients = (layer: Layer): Addresses => addresses(layer, parameters + layout.bytes);

  const nodes = fuse(network.nodes);
  const margins = marginsFor(consumersOf(nodes).get(IMAGES));
  const images = allocateView(arena, batch, network.inputShape, margins);
  const stages = planForward(nodes, context, images, weights);
  const logits = stages.at(-1)!.output;
  const dLogits = allocateView(arena, batch, [logits.channels]);
  const backward = optimizer ? planBackward(stages, context, dLogits, weights, gradients) : [];

  const convert = planInput(slot, images);
  const forward = (count: number): Instruction[] => stages.flatMap((stage) => stage.forward.forward(count));
  const infer = (count: number): Instruction[] =>
    stages.flatMap(({ forward }) => (forward.inference ?? forward.forward)(count));
  const loss = planLoss(context, slot, logits, dLogits);
  const lossActivation = (count: number): Instruction[] =>
    stages.at(-1)!.layer.activation === 'relu'
      ? [reluBackward(stages.at(-1)!, dLogits, dLogits, true, count)]
      : [];
  const ranges = trainedRanges(network, layout);
  const prepareForward = stages.flatMap((stage) => stage.forward.prepare);
  const barrier = arena.allocate(ALIGNMENT);
  const scratch = Array.from({ length: threads }, () => arena.allocate(scratchBytes));

  return {
    arena,
    slots,
    slot,
    parameters,
    parameterBytes: layout.bytes,
    barrier,
    scratch,
    prepare: () => together(prepareForward),
    evaluate: (count, bytes) => [convert(count, bytes), ...infer(count), ...loss(count, false)],
    predict: (count, bytes) => [
      convert(count, bytes),
      ...infer(count),
      outputs(network.layers.at(-1)!, logits, slot, count),
    ],
    train: (count, bytes) => [
      ...together([convert(count, bytes), ...prepareForward, ...backward.flatMap(({ prepare }) => prepare)]),
      ...forward(count),
      ...loss(count, true),
      ...lossActivation(count),
      ...backward.flatMap((stage) => [...stage.backward(count), ...stage.settle(count)]),
      ...together(backward.flatMap(({ finish }) => finish(count))),
      ...together(ranges.map((range) => updateOf(optimizer!, parameters, layout.bytes, range))),
    ],
  };
}

function slotLayout(network: Network, batch: number): SlotLayout {
  const images = 0;
  const labels = align(batch * size(network.inputShape) * 4);
  const metrics = labels + align(batch * 4);
  const output = metrics + ALIGNMENT;
  const bytes = output + align(batch * size(network.layers.at(-1)!.outputShape) * 4);
  return { images, labels, metrics, output, bytes };
}

/** Brings a batch from its slot, as bytes or as floats, into the layout of the first layer. */
function planInput(slot: SlotLayout, images: View): (count: number, bytes: boolean) => Instruction {
  return (count, bytes) => ({
    label: 'input',
    kernel: bytes ? 'bytesToFloats' : 'copyFloats',
    arguments: [
      fromSlot(slot.images),
      images.height,
      images.width * images.channels,
      images.address,
      images.image,
      images.row,
    ],
    items: count * images.height,
  });
}

/** The loss and the accuracy of a batch, with the gradient of the logits if it is asked for. */
function planLoss(
  { arena, batch }: PlanContext,
  slot: SlotLayout,
  logits: View,
  dLogits: View,
): (count: number, gradient: boolean) => readonly Instruction[] {
  const losses = arena.allocate(batch * 8);
  const correct = arena.allocate(batch * 8);
  return (count, gradient) => [
    {
      label: 'loss',
      kernel: 'softmaxCrossEntropy',
      arguments: [
        logits.address,
        fromSlot(slot.labels),
        logits.channels,
        0,
        1 / count,
        1,
        0,
        gradient ? dLogits.address : 0,
        losses,
        correct,
      ],
      items: count,
    },
    {
      label: 'loss',
      kernel: 'sumRows',
      arguments: [losses, count, fromSlot(slot.metrics)],
      items: 1,
      independent: true,
    },
    {
      label: 'loss',
      kernel: 'sumRows',
      arguments: [correct, count, fromSlot(slot.metrics + 8)],
      items: 1,
      independent: gradient,
    },
  ];
}

function fromSlot(offset: number): Argument {
  return { base: 'slot', offset };
}

/** Copies the last layer's output into the slot, through the softmax if it ends in one. */
function outputs(last: Layer, logits: View, slot: SlotLayout, count: number): Instruction {
  const target = fromSlot(slot.output);
  if (last.activation === 'softmax') {
    return {
      label: 'softmax',
      kernel: 'softmaxForward',
      arguments: [logits.address, logits.channels, target],
      items: count,
    };
  }
  return {
    label: 'output',
    kernel: 'copyFloats',
    arguments: [
      logits.address,
      logits.height,
      logits.width * logits.channels,
      target,
      logits.image,
      logits.row,
    ],
    items: count * logits.height,
  };
}

function updateOf(
  optimizer: OptimizerConfig,
  parameters: number,
  blockBytes: number,
  { offset, bytes }: ParameterRange,
): Instruction {
  const definition = optimizerDefinition(optimizer);
  const at = (block: number): number => parameters + block * blockBytes + offset;
  return definition.update(optimizer, {
    parameters: at(0),
    gradients: at(1),
    variables: definition.variables(optimizer).map((_, i) => at(2 + i)),
    blocks: bytes / ALIGNMENT,
  });
}
