/** A file that is written from front to back, in pieces that are placed before they are filled. */

const ALIGNMENT = 8;

export class Sink {
  readonly #pieces: Uint8Array[] = [];
  readonly #addresses: number[] = [];
  #end = 0;

  /** Where the next piece begins. */
  get end(): number {
    return this.#end;
  }

  /** @returns its address; until `finish`, it may still be changed */
  place(piece: Uint8Array): number {
    const address = this.#end;
    this.#pieces.push(piece);
    this.#addresses.push(address);
    this.#end = Math.ceil((address + piece.length) / ALIGNMENT) * ALIGNMENT;
    return address;
  }

  finish(): Uint8Array<ArrayBuffer> {
    const file = new Uint8Array(this.#end);
    this.#pieces.forEach((piece, i) => {
      file.set(piece, this.#addresses[i]);
    });
    return file;
  }
}

/** Writes numbers one after the other, least significant byte first, into a piece of known length. */
export class Writer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  #take(length: number): number {
    this.#at += length;
    return this.#at - length;
  }

  u8(...values: readonly number[]): this {
    for (const value of values) this.#view.setUint8(this.#take(1), value);
    return this;
  }

  u16(...values: readonly number[]): this {
    for (const value of values) this.#view.setUint16(this.#take(2), value, true);
    return this;
  }

  u32(...values: readonly number[]): this {
    for (const value of values) this.#view.setUint32(this.#take(4), value, true);
    return this;
  }

  /** Lengths and addresses; -1 is "nowhere". */
  u64(...values: readonly number[]): this {
    for (const value of values)
      this.#view.setBigUint64(this.#take(8), BigInt.asUintN(64, BigInt(value)), true);
    return this;
  }

  put(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.#take(bytes.length));
    return this;
  }

  ascii(text: string): this {
    for (const letter of text) this.u8(letter.charCodeAt(0));
    return this;
  }
}

/** All of them, one after the other. */
export function concatenated(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const writer = new Writer(parts.reduce((sum, part) => sum + part.length, 0));
  for (const part of parts) writer.put(part);
  return writer.bytes;
}

/** With zeros behind it, up to a multiple of eight. */
export function padded(bytes: Uint8Array): Uint8Array {
  const length = Math.ceil(bytes.length / ALIGNMENT) * ALIGNMENT;
  return length === bytes.length ? bytes : new Writer(length).put(bytes).bytes;
}
