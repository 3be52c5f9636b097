/** What images and labels are read as, whatever type of numbers they are stored in. */
import { FormatError } from '../../errors.ts';
import { elementsOf, nameOfType, type Elements } from '../../formats/elements.ts';
import { product } from '../../product.ts';
import { checkLabel } from '../stored.ts';
import type { StoredArray } from './arrayFile.ts';

/** Bytes that are read at a time; a multiple of every type's. */
const BLOCK = 1024 * 1024;

/**
 * Pixels as bytes. uint8 is taken as it is. Floats are either all within 0…1, and scaled to 0…255, halves up; or they are whole
 * numbers within 0…255.
 * @throws FormatError for other types and other numbers
 */
export async function readPixels(array: StoredArray, name: string): Promise<Uint8Array> {
  const { type, shape } = array;
  const pixels = new Uint8Array(product(shape));
  if (type.kind === 'uint' && type.bytes === 1) {
    await forEachBlock(array, name, (values, at) => {
      pixels.set(values as Uint8Array, at);
    });
    return pixels;
  }
  if (type.kind !== 'float') {
    throw new FormatError(
      `${name} is ${nameOfType(type)}, and images must be uint8, float32 or float64: convert them with .astype('uint8')`,
    );
  }
  const scale = new PixelScale(pixels, name);
  await forEachBlock(array, name, (values, at) => {
    scale.put(values as Float32Array | Float64Array, at);
  });
  return pixels;
}

/** Finds out in passing whether floats are 0…1 or 0…255. */
class PixelScale {
  readonly #pixels: Uint8Array;
  readonly #name: string;
  /** Where a value is that is no whole number. */
  #fraction = -1;
  /** Whether all values so far are within 0…1. */
  #unit = true;

  constructor(pixels: Uint8Array, name: string) {
    this.#pixels = pixels;
    this.#name = name;
  }

  put(values: Float32Array | Float64Array, offset: number): void {
    const pixels = this.#pixels;
    let unit = this.#unit;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (!(value >= 0 && value <= 255)) throw this.#refused(value, offset + i);
      if (unit && value > 1) {
        this.#toBytes(offset + i);
        unit = false;
      }
      if (unit) {
        if (value > 0 && value < 1 && this.#fraction < 0) this.#fraction = offset + i;
        pixels[offset + i] = Math.floor(value * 255 + 0.5);
      } else {
        if (value !== Math.floor(value)) throw this.#refused(value, offset + i);
        pixels[offset + i] = value;
      }
    }
  }

  /** Values are within 0…255 from here on: those so far were 0 and 1, or there is no one scale for all. */
  #toBytes(end: number): void {
    if (this.#fraction >= 0) {
      throw new FormatError(
        `${this.#name}: value ${this.#fraction} is no whole number, and value ${end} is above 1: floats must be all within ` +
          '0…1, or whole numbers within 0…255',
      );
    }
    for (let i = 0; i < end; i++) this.#pixels[i] = this.#pixels[i] === 0 ? 0 : 1;
    this.#unit = false;
  }

  #refused(value: number, at: number): FormatError {
    return new FormatError(
      `${this.#name}: value ${at} is ${value}: floats must be all within 0…1, or whole numbers within 0…255; ` +
        'save the images as they were before they were normalized',
    );
  }
}

/** Labels, [count] or [count, 1], of any integer type. @throws FormatError for other shapes, types and numbers */
export async function readLabels(array: StoredArray, name: string): Promise<Uint16Array> {
  const { type, shape } = array;
  if (shape.length !== 1 && !(shape.length === 2 && shape[1] === 1)) {
    const oneHot = shape.length === 2 ? '; of one-hot rows, save .argmax(1)' : '';
    throw new FormatError(
      `${name} has the shape [${shape.join(', ')}]: labels must be [count] or [count, 1]${oneHot}`,
    );
  }
  if (type.kind === 'float') {
    throw new FormatError(
      `${name} is ${nameOfType(type)}, and labels must be integers: convert them with .astype('int64')`,
    );
  }
  const labels = new Uint16Array(product(shape));
  await forEachBlock(array, name, (values, at) => {
    for (let i = 0; i < values.length; i++) labels[at + i] = checkLabel(values[i]!, at + i, name);
  });
  return labels;
}

/** Reads all values, some at a time. @param take  is given them, and the index of the first */
async function forEachBlock(
  { type, shape, open }: StoredArray,
  name: string,
  take: (values: Elements, at: number) => void,
): Promise<void> {
  const total = product(shape);
  if (total === 0) throw new FormatError(`${name} has the shape [${shape.join(', ')}]: it holds nothing`);
  const bytes = await open();
  try {
    const buffer = new Uint8Array(Math.min(BLOCK, total * type.bytes));
    for (let at = 0; at < total; at += buffer.length / type.bytes) {
      const block = buffer.subarray(0, Math.min(buffer.length, (total - at) * type.bytes));
      if ((await bytes.fill(block)) < block.length) {
        throw new FormatError(`${name} ends early: it changed while it was read; try again`);
      }
      take(elementsOf(block, type), at);
    }
    // What is behind the last value tells whether they are sound.
    if (!(await bytes.atEnd())) throw new FormatError(`${name} goes on behind its values; it is damaged`);
  } finally {
    await bytes.close();
  }
}
