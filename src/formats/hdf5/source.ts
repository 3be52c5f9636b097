/** The bytes of an HDF5 file: every read is checked against their end, and against how much a file of their size may ask for. */
import { FormatError } from '../../errors.ts';
import { mostUnpacked } from '../../limits.ts';
import { quoted } from '../../quoted.ts';

/** What stands for "nowhere". */
const UNDEFINED_ADDRESS = 0xffff_ffff_ffff_ffffn;

export class Source {
  readonly #bytes: Uint8Array;
  readonly #fileName: string;
  /**
   * How many bytes may still be read or made. Addresses may lead to the same bytes again and again: this ends what they ask for,
   * whatever they are.
   */
  #allowance: number;
  /** Packed bytes that may still be unpacked, which is work even where little comes of it: all of the file, but not twice. */
  #packedAllowance: number;
  /** Of the object that is read now, for messages. */
  path = '/';

  constructor(bytes: Uint8Array, fileName: string) {
    this.#bytes = bytes;
    this.#fileName = fileName;
    this.#allowance = mostUnpacked(bytes.length);
    this.#packedAllowance = bytes.length;
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** The error for what breaks the format. */
  broken(what: string): FormatError {
    return new FormatError(
      `${this.#fileName}: not a usable HDF5 file: ${quoted(this.path)}: ${what}; copy or save it again`,
    );
  }

  /** The error for what HDF5 has and simdnet has not. */
  unsupported(what: string, remedy: string): FormatError {
    return new FormatError(
      `${this.#fileName}: ${quoted(this.path)} ${what}, which simdnet does not read: ${remedy}`,
    );
  }

  /** Pays for bytes that are read or made. What claims of sizes multiply to may be no number: then it is too much as well. */
  spend(bytes: number): void {
    if (!(bytes <= this.#allowance)) {
      throw this.broken(
        `it holds more than the ${mostUnpacked(this.length)} bytes that a file of its size may`,
      );
    }
    this.#allowance -= bytes;
  }

  /** Pays for bytes that are unpacked. */
  spendPacked(bytes: number): void {
    if (!(bytes <= this.#packedAllowance)) throw this.broken('its chunks are in the same place as others');
    this.#packedAllowance -= bytes;
  }

  /** Bytes that have been paid for. They are the file's own: nothing may keep or change them. */
  view(address: number, length: number, what: string): Uint8Array {
    if (address + length > this.length) {
      throw this.broken(
        `${what} should end at byte ${address + length}, and the file ends at ${this.length}`,
      );
    }
    return this.#bytes.subarray(address, address + length);
  }

  read(address: number, length: number, what: string): Cursor {
    this.spend(length);
    return new Cursor(this.view(address, length, what), this, what);
  }

  cursorOf(bytes: Uint8Array, what: string): Cursor {
    return new Cursor(bytes, this, what);
  }

  /** Reads on from an address, up to a length that is not known yet: whoever does it pays as it goes. */
  from(address: number, what: string): Cursor {
    if (address > this.length) throw this.broken(`${what} should be at byte ${address}, past the end`);
    return new Cursor(this.#bytes.subarray(address), this, what);
  }
}

/** Reads numbers one after the other, least significant byte first. */
export class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #source: Source;
  readonly #what: string;
  #at = 0;

  /** @param what  is read, for messages */
  constructor(bytes: Uint8Array, source: Source, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#source = source;
    this.#what = what;
  }

  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  #take(length: number): number {
    if (length > this.remaining) throw this.#source.broken(`${this.#what} ends too soon`);
    this.#at += length;
    return this.#at - length;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A length or a number of things. Those beyond 2^53 are none. */
  u64(): number {
    const value = this.#view.getBigUint64(this.#take(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw this.#source.broken(`${this.#what} claims ${value} where there should be a length`);
    }
    return Number(value);
  }

  /** A number of 1, 2, 4 or 8 bytes. */
  uint(bytes: number): number {
    return bytes === 1 ? this.u8() : bytes === 2 ? this.u16() : bytes === 4 ? this.u32() : this.u64();
  }

  /** Where something is in the file, or nothing. */
  address(): number | undefined {
    const value = this.#view.getBigUint64(this.#take(8), true);
    if (value === UNDEFINED_ADDRESS) return undefined;
    if (value > BigInt(this.#source.length)) {
      throw this.#source.broken(`${this.#what} points at byte ${value}, past the end`);
    }
    return Number(value);
  }

  /** Where something is that cannot be left out. */
  definedAddress(): number {
    const address = this.address();
    if (address === undefined) throw this.#source.broken(`${this.#what} points nowhere`);
    return address;
  }

  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  skip(length: number): void {
    this.#take(length);
  }

  /** Goes on at the next multiple of eight, or at the end. */
  align(): void {
    this.#at = Math.min(this.#bytes.length, Math.ceil(this.#at / 8) * 8);
  }

  /** Four letters that begin a structure. */
  signature(expected: string): void {
    const found = String.fromCharCode(...this.bytes(expected.length));
    if (found !== expected) {
      throw this.#source.broken(`${this.#what} begins with ${quoted(found)} instead of "${expected}"`);
    }
  }

  /** UTF-8, which ASCII is too, up to a byte that is 0, or all if there is none. Whoever reads pays for it. */
  text(mostBytes = this.remaining): string {
    const rest = this.#bytes.subarray(this.#at, this.#at + mostBytes);
    const end = rest.indexOf(0);
    const text = rest.subarray(0, end < 0 ? rest.length : end);
    this.#take(Math.min(rest.length, text.length + 1));
    this.#source.spend(text.length);
    return decodeText(text, this.#source, this.#what);
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function decodeText(bytes: Uint8Array, source: Source, what: string): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw source.broken(`${what} is no UTF-8`);
  }
}
