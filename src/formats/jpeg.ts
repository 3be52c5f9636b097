/**
 * JPEG bytes to pixels, by libjpeg-turbo in WebAssembly (the package @cwasm/jpeg-turbo). Its exports are the functions of TurboJPEG's C
 * interface, documented in https://github.com/libjpeg-turbo/libjpeg-turbo/blob/2.0.x/turbojpeg.h, and we call them ourselves: the
 * package's own JavaScript needs Node, and cannot read CMYK.
 */
import { FormatError } from '../errors.ts';
import { upright } from './exif.ts';
import { readJpegHeader, type JpegHeader } from './jpegHeader.ts';
import type { RgbaImage } from './rgbaImage.ts';
import { copyIn, instantiate, KEPT_BYTES, type Codec } from './wasmCodec.ts';

interface TurboJpeg extends Codec {
  tjInitDecompress(): number;
  tjDestroy(decompressor: number): number;
  tjDecompressHeader3(
    decompressor: number,
    jpeg: number,
    jpegBytes: number,
    ...results: [width: number, height: number, subsampling: number, colourSpace: number]
  ): number;
  tjDecompress2(
    decompressor: number,
    jpeg: number,
    jpegBytes: number,
    pixels: number,
    width: number,
    rowBytes: number,
    height: number,
    pixelFormat: number,
    flags: number,
  ): number;
}

/** Of TurboJPEG's pixel formats; both take four bytes a pixel. */
const RGBA = 7;
const CMYK = 11;
/** Neither the fast inverse transform nor the fast upsampling: what libjpeg does by default. */
const NO_FLAGS = 0;

/** Warnings of libjpeg after which pixels are missing or wrong. Bytes too many before a marker harm nobody, and some cameras write them. */
const HARMFUL = /^(Corrupt JPEG data(?!: \d+ extraneous bytes)|Premature end)/;

export class JpegDecoder {
  readonly #module: WebAssembly.Module;
  /** Where libjpeg leaves its last message, which is not among the exports; the same in all instances. */
  readonly #messageAt: number;
  /** Used again and again, until one fails or has become large. */
  #codec: TurboJpeg | undefined;

  /** @param module  the package's jpeg-turbo.wasm */
  constructor(module: WebAssembly.Module) {
    this.#module = module;
    this.#messageAt = findMessage(this.#start());
  }

  /**
   * The pixels of a JPEG: baseline or progressive, grey, colour or CMYK, turned as its Exif metadata say. Colour profiles are ignored.
   * CMYK is taken as inverted and becomes `cyan · black / 255` and so on, as in libjpeg's tools and in browsers.
   *
   * @param name  the file, for messages
   * @throws FormatError as `readJpegHeader` does, and when the pixels are damaged
   */
  decode(bytes: Uint8Array, name: string): RgbaImage {
    const header = readJpegHeader(bytes, name);
    const codec = (this.#codec ??= this.#start());
    // After a failure its memory may be in any state.
    this.#codec = undefined;
    const data = decompress(codec, bytes, header, this.#messageAt, name);
    if (codec.memory.buffer.byteLength <= KEPT_BYTES) this.#codec = codec;
    return upright({ width: header.width, height: header.height, data }, header.orientation);
  }

  #start(): TurboJpeg {
    const failed = (): never => {
      throw new CodecFailure();
    };
    return instantiate(this.#module, { setjmp: () => 0, longjmp: failed }) as TurboJpeg;
  }
}

/** libjpeg's own way out of an error, with its message left in memory. */
class CodecFailure extends Error {
  override readonly name = 'CodecFailure';
}

function decompress(
  codec: TurboJpeg,
  bytes: Uint8Array,
  { width, height, components }: JpegHeader,
  messageAt: number,
  name: string,
): Uint8Array {
  const size = width * height * 4;
  const pixels = codec.malloc(size);
  const jpeg = copyIn(codec, bytes, name);
  const decompressor = codec.tjInitDecompress();
  if (pixels === 0 || decompressor === 0)
    throw new FormatError(`${name}: there is no memory left to decode it`);
  const format = components === 4 ? CMYK : RGBA;
  let complaint: string | undefined;
  try {
    const { length } = bytes;
    const row = width * 4;
    const status = codec.tjDecompress2(
      decompressor,
      jpeg,
      length,
      pixels,
      width,
      row,
      height,
      format,
      NO_FLAGS,
    );
    if (status !== 0) {
      const warning = messageIn(codec, messageAt);
      if (HARMFUL.test(warning)) complaint = warning;
    }
  } catch (error) {
    // A trap is a failure of the decoder that the file has brought about.
    if (!(error instanceof CodecFailure) && !(error instanceof WebAssembly.RuntimeError)) throw error;
    complaint = error instanceof CodecFailure ? messageIn(codec, messageAt) : error.message;
  }
  if (complaint !== undefined) throw new FormatError(`${name}: damaged JPEG: ${complaint}`);
  const decoded = new Uint8Array(codec.memory.buffer, pixels, size);
  const data = format === CMYK ? fromInvertedCmyk(decoded) : decoded.slice();
  codec.tjDestroy(decompressor);
  codec.free(jpeg);
  codec.free(pixels);
  return data;
}

/** Each of the three with black, rounded. @param cmyk  [pixels, 4] */
function fromInvertedCmyk(cmyk: Uint8Array): Uint8Array {
  const rgba = new Uint8Array(cmyk.length);
  for (let i = 0; i < cmyk.length; i += 4) {
    const black = 2 * cmyk[i + 3]!;
    rgba[i] = (cmyk[i]! * black + 255) / 510;
    rgba[i + 1] = (cmyk[i + 1]! * black + 255) / 510;
    rgba[i + 2] = (cmyk[i + 2]! * black + 255) / 510;
    rgba[i + 3] = 255;
  }
  return rgba;
}

/** Makes the decoder fail in a way whose message is known, and looks where it is. */
function findMessage(codec: TurboJpeg): number {
  const jpeg = copyIn(codec, Uint8Array.of(0x73, 0x69, 0x6d, 0x64), '');
  const results = codec.malloc(16);
  try {
    codec.tjDecompressHeader3(
      codec.tjInitDecompress(),
      jpeg,
      4,
      results,
      results + 4,
      results + 8,
      results + 12,
    );
  } catch (error) {
    if (!(error instanceof CodecFailure)) throw error;
  }
  const memory = new TextDecoder('latin1').decode(codec.memory.buffer);
  return memory.indexOf('Not a JPEG file: starts with 0x73 0x69\0');
}

function messageIn(codec: TurboJpeg, messageAt: number): string {
  const memory = new Uint8Array(codec.memory.buffer);
  const end = memory.indexOf(0, messageAt);
  return messageAt < 0 ? '' : new TextDecoder('latin1').decode(memory.subarray(messageAt, end));
}
