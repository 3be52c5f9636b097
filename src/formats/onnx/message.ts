/**
 * A message of Protocol Buffers, read field by field. What `pbf` leaves to its callers is checked here: that each value has the
 * wire type that it should, and ends where the message does.
 */
import { PbfReader } from 'pbf';
import { FormatError } from '../../errors.ts';

/** How values are stored. Source: https://protobuf.dev/programming-guides/encoding/ */
const WireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export class Message {
  readonly #reader: PbfReader;
  readonly #what: string;

  /** @param what  for messages: "model.onnx: the graph" */
  constructor(bytes: Uint8Array, what: string) {
    this.#reader = new PbfReader(bytes);
    this.#what = what;
  }

  /**
   * Calls `read` with the number of each field, to take its value; what it does not take is skipped.
   * @throws FormatError if the bytes are no message
   */
  fields(read: (field: number) => void): void {
    const reader = this.#reader;
    try {
      for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
        read(field);
        if (reader.pos > reader.length) break;
      }
    } catch (error) {
      if (error instanceof FormatError) throw error;
      throw this.#broken(error);
    }
    // Also where nextField takes a tag of 0 for the end.
    if (reader.pos !== reader.length) throw this.#broken();
  }

  bytes(): Uint8Array {
    this.#mustBe(WireType.bytes);
    const length = this.#reader.readVarint();
    const start = this.#reader.pos;
    if (length > this.#reader.length - start) throw this.#broken();
    this.#reader.pos = start + length;
    return this.#reader.buf.subarray(start, start + length);
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  integer(): number {
    this.#mustBe(WireType.varint);
    return saturated(this.#reader.readVarint(true));
  }

  float(): number {
    this.#mustBe(WireType.fixed32);
    return this.#reader.readFloat();
  }

  /** Adds one number to a list, or several that are packed into one field. */
  integers(list: number[]): void {
    if (this.#reader.type !== WireType.bytes) list.push(this.integer());
    else this.#packed(() => list.push(saturated(this.#reader.readVarint(true))));
  }

  floats(list: number[]): void {
    if (this.#reader.type !== WireType.bytes) list.push(this.float());
    else this.#packed(() => list.push(this.#reader.readFloat()));
  }

  doubles(list: number[]): void {
    if (this.#reader.type === WireType.bytes) this.#packed(() => list.push(this.#reader.readDouble()));
    else {
      this.#mustBe(WireType.fixed64);
      list.push(this.#reader.readDouble());
    }
  }

  #packed(read: () => void): void {
    const length = this.#reader.readVarint();
    const end = this.#reader.pos + length;
    if (end > this.#reader.length) throw this.#broken();
    while (this.#reader.pos < end) read();
    if (this.#reader.pos !== end) throw this.#broken();
  }

  #mustBe(type: number): void {
    if (this.#reader.type !== type) throw this.#broken();
  }

  #broken(cause?: unknown): FormatError {
    return new FormatError(
      `${this.#what} is damaged or no ONNX: it is no message of Protocol Buffers. Copy or download the file again.`,
      { cause },
    );
  }
}

/** As far as doubles are exact. Larger ones are there: "to the end" of a slice is the largest of 64 bits. */
export function saturated(value: number): number {
  return Math.min(Math.max(value, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}
