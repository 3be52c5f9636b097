/**
 * What layers hand on, in the graph. Images may lie there channels first, as ONNX' operators take them, or channels last; a
 * Transpose is only written where someone asks for a layout that there is not yet.
 */
import { size, type Shape } from '../../../nn/shape.ts';
import type { Layout } from '../../../nn/shape.ts';
import { ints, type Scope } from './graphWriter.ts';

/** A vector that is images flattened channels first, other than in our order. */
export interface Planar {
  /** The shape of the images: [height, width, channels]. */
  readonly images: Shape;
  readonly name: string;
}

export class Value {
  /** Of one image, channels last: [height, width, channels], [rows, channels] or [channels]. */
  readonly shape: Shape;
  readonly #names = new Map<Layout, string>();
  readonly #make: (layout: Layout) => string;
  readonly #makePlanar: (() => Planar) | undefined;
  #planar: Planar | undefined;

  private constructor(shape: Shape, make: (layout: Layout) => string, makePlanar?: () => Planar) {
    this.shape = shape;
    this.#make = make;
    this.#makePlanar = makePlanar;
  }

  /** The output of an operator. @param layout  how it lies, if it is images */
  static of(scope: Scope, shape: Shape, layout: Layout, name: string): Value {
    const value = new Value(shape, (other) => {
      const perm = ints(other === 'nchw' ? [0, 3, 1, 2] : [0, 2, 3, 1]);
      return scope.within(other).add('Transpose', [name], { perm });
    });
    value.#names.set(value.#key(layout), name);
    return value;
  }

  /** Images as a vector, in the order height, width, channels. */
  static flattened(scope: Scope, images: Value): Value {
    const flat = (layout: Layout): string => scope.add('Flatten', [images.in(layout)]);
    const planar = (): Planar => ({ images: images.shape, name: flat('nchw') });
    return new Value([size(images.shape)], flat, images.layout === 'nchw' ? planar : undefined);
  }

  /** The name of what lies in a layout; of vectors and of rows of them there is but one. */
  in(layout: Layout): string {
    const key = this.#key(layout);
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = this.#make(key);
    this.#names.set(key, name);
    return name;
  }

  /** The same in another order, where that spares a Transpose. */
  get planar(): Planar | undefined {
    return (this.#planar ??= this.#makePlanar?.());
  }

  /** A layout in which it lies already: channels first, if there is a choice. */
  get layout(): Layout {
    return this.#names.has('nchw') ? 'nchw' : 'nhwc';
  }

  #key(layout: Layout): Layout {
    return this.shape.length === 3 ? layout : 'nhwc';
  }
}

/** Where an axis of a shape channels last is in the graph, behind the batch. @param axis  from 0 */
export function axisIn(layout: Layout, { length: rank }: Shape, axis: number): number {
  if (rank !== 3 || layout === 'nhwc') return axis + 1;
  return axis === 2 ? 1 : axis + 2;
}

/** Where the channels are. */
export function channelAxis(layout: Layout, shape: Shape): number {
  return axisIn(layout, shape, shape.length - 1);
}

/** How a shape is written in the graph, but for the batch. */
export function shapeIn(layout: Layout, shape: Shape): Shape {
  if (shape.length !== 3 || layout === 'nhwc') return shape;
  const [height, width, channels] = shape as readonly [number, number, number];
  return [channels, height, width];
}

/** Whether values are in the same order whatever their layout is. */
export function isOneOrder(shape: Shape): boolean {
  const [height, width, channels] = shape as readonly [number, number, number];
  return shape.length !== 3 || channels === 1 || height * width === 1;
}
