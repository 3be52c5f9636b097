/**
 * WebP bytes to pixels, by libwebp in WebAssembly (the package @cwasm/webp), whose exports are functions of its C interface:
 * https://developers.google.com/speed/webp/docs/api
 */
import { upright } from './exif.ts';
import type { RgbaImage } from './rgbaImage.ts';
import { copyIn, instantiate, type Codec } from './wasmCodec.ts';
import { damagedWebp, readWebpHeader } from './webpHeader.ts';

interface LibWebp extends Codec {
  /** @returns where the pixels are; 0 if they cannot be decoded */
  WebPDecodeRGBA(webp: number, webpBytes: number, width: number, height: number): number;
}

export class WebpDecoder {
  readonly #module: WebAssembly.Module;

  /** @param module  the package's webp.wasm */
  constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  /**
   * The pixels of a WebP, lossy or lossless, turned as its Exif metadata say. Colour profiles are ignored.
   *
   * @param name  the file, for messages
   * @throws FormatError as `readWebpHeader` does, and when the pixels are damaged
   */
  decode(bytes: Uint8Array, name: string): RgbaImage {
    const { width, height, orientation } = readWebpHeader(bytes, name);
    // An instance for each picture: this libwebp is older than the repair of CVE-2023-4863, by which a file made for it may write where it
    // must not. That stays within the instance, and no other picture shall be decoded in it. It takes 0.2 ms.
    const codec = instantiate(this.#module) as LibWebp;
    const webp = copyIn(codec, bytes, name);
    const size = codec.malloc(8);
    let pixels: number;
    try {
      pixels = codec.WebPDecodeRGBA(webp, bytes.length, size, size + 4);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      throw damagedWebp(name, error.message);
    }
    const { buffer } = codec.memory;
    if (pixels === 0) throw damagedWebp(name, 'its pixels cannot be decoded');
    const [decodedWidth, decodedHeight] = new Uint32Array(buffer, size, 2);
    const length = width * height * 4;
    if (decodedWidth !== width || decodedHeight !== height || pixels + length > buffer.byteLength)
      throw damagedWebp(name, 'its pixels are not as many as it claims');
    return upright({ width, height, data: new Uint8Array(buffer, pixels, length).slice() }, orientation);
  }
}
