/** What the host hands over for a batch, and what it gets back: the parts of a slot in engine memory. */
import { align, ALIGNMENT } from '../engine/arena.ts';
import { VirtualBuffer, type Pointer } from '../engine/pointer.ts';
import type { Region } from '../engine/runner.ts';

/** Offsets of a batch's parts from the start of its slot, in bytes. */
export interface SlotLayout {
  /** [batch, height, width, channels], u8 or float32. */
  readonly images: number;
  /** Class indices [batch · rows] i32, or values [batch, outputs] float32. */
  readonly targets: number;
  /** [batch] float32: what each image counts. */
  readonly weights: number;
  /** [batch] of two u32: which example each image is, and how often it has been seen before. */
  readonly examples: number;
  /** f64: the sums of losses and of metrics. */
  readonly results: number;
  /** [batch, outputs] float32. */
  readonly output: number;
  readonly bytes: number;
}

export interface SlotSizes {
  readonly batch: number;
  /** Numbers in an image, in its target, in what the network makes of it. */
  readonly image: number;
  readonly target: number;
  readonly output: number;
  /** How many results there are. */
  readonly results: number;
}

export function slotLayout({ batch, image, target, output, results }: SlotSizes): SlotLayout {
  const targets = align(batch * image * 4);
  const weights = targets + align(batch * target * 4);
  const examples = weights + align(batch * 4);
  const sums = examples + align(batch * 8);
  const outputs = sums + Math.max(ALIGNMENT, align(results * 8));
  return {
    images: 0,
    targets,
    weights,
    examples,
    results: sums,
    output: outputs,
    bytes: outputs + align(batch * output * 4),
  };
}

/** A place in whichever slot is in use. */
export function inSlot(offset: number): Pointer {
  return { buffer: new VirtualBuffer(0, 'slot', 0), offset };
}

/** A part of a slot. @param bytes  its size */
export function regionOf(slot: number, offset: number, bytes: number): Region {
  return { address: slot + offset, bytes };
}
