/**
 * Event files, which TensorBoard reads: TFRecords, each with an `Event` in the encoding of protocol buffers.
 *
 * ```
 * 8 bytes   length of the event, little-endian u64
 * 4 bytes   masked CRC-32C of these 8 bytes
 * event     1: wall_time, double   2: step, int64   3: file_version, string   5: summary
 *           summary: 1: value, repeated;  value: 1: tag, string   2: simple_value, float
 * 4 bytes   masked CRC-32C of the event
 * ```
 * Sources: https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core, `lib/io/record_writer.h`, `util/event.proto`
 * and `framework/summary.proto`.
 */
import { crc32c } from './crc.ts';

/** The record that every event file begins with. @param wallTime  seconds since 1970 */
export function firstEvent(wallTime: number): Uint8Array<ArrayBuffer> {
  return record(new Message().double(1, wallTime).bytes(3, utf8('brain.Event:2')));
}

/**
 * A record with numbers of one step.
 * @param wallTime  seconds since 1970
 * @param scalars  by their tags, such as epoch_loss; kept as float32
 */
export function scalarsEvent(
  wallTime: number,
  step: number,
  scalars: Readonly<Record<string, number>>,
): Uint8Array<ArrayBuffer> {
  const summary = new Message();
  for (const [tag, value] of Object.entries(scalars)) {
    summary.bytes(1, new Message().bytes(1, utf8(tag)).float(2, value).encoded());
  }
  return record(new Message().double(1, wallTime).whole(2, step).bytes(5, summary.encoded()));
}

/** The fields of a message of protocol buffers, one after the other. */
class Message {
  readonly #bytes: number[] = [];

  double(field: number, value: number): this {
    return this.#fixed(field, WIRE_64_BITS, new Uint8Array(Float64Array.of(value).buffer));
  }

  float(field: number, value: number): this {
    return this.#fixed(field, WIRE_32_BITS, new Uint8Array(Float32Array.of(value).buffer));
  }

  /** A number of at least 0; 0 is what is not there. */
  whole(field: number, value: number): this {
    if (value === 0) return this;
    this.#varint(field * 8 + WIRE_VARINT);
    this.#varint(value);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint(field * 8 + WIRE_LENGTH);
    this.#varint(value.length);
    this.#bytes.push(...value);
    return this;
  }

  encoded(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#bytes);
  }

  #fixed(field: number, wire: number, value: Uint8Array): this {
    this.#varint(field * 8 + wire);
    this.#bytes.push(...value);
    return this;
  }

  /** Seven bits a byte, the lowest first; the eighth says that more follow. */
  #varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes.push((rest % 128) + 128);
    this.#bytes.push(rest);
  }
}

const [WIRE_VARINT, WIRE_64_BITS, WIRE_LENGTH, WIRE_32_BITS] = [0, 1, 2, 5] as const;

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function record(message: Message): Uint8Array<ArrayBuffer> {
  const data = message.encoded();
  const bytes = new Uint8Array(12 + data.length + 4);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(crc32c(bytes.subarray(0, 8))), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return bytes;
}

/** A checksum that stands among the data that it is of must not look like one. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
