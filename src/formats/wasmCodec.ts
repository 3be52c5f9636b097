/** What the decoders in WebAssembly have in common: C libraries with their memory, that want next to nothing of a system. */
import { FormatError } from '../errors.ts';

export interface Codec {
  readonly memory: WebAssembly.Memory;
  /** @returns 0 if there is no memory left */
  malloc(bytes: number): number;
  free(pointer: number): void;
}

/** Memory of an instance never shrinks; one that has grown beyond this is not used again. */
export const KEPT_BYTES = 64 * 1024 * 1024;

/** @param env  what it imports besides the system's functions */
export function instantiate(
  module: WebAssembly.Module,
  env: Readonly<Record<string, () => number>> = {},
): Codec {
  // Nothing is there to be read or written: a decoder that tries gets the error "not supported".
  const refused = (): number => 58;
  const system: Record<string, (a: number, b: number) => number> = Object.fromEntries(
    WebAssembly.Module.imports(module)
      .filter((each) => each.module === 'wasi_snapshot_preview1')
      .map((each) => [each.name, refused]),
  );
  // But there is an environment, which is empty: by its variables TurboJPEG could be told to be fast instead of exact.
  system.environ_sizes_get = (count, bytes) => {
    const memory = new DataView(codec.memory.buffer);
    memory.setUint32(count, 0, true);
    memory.setUint32(bytes, 0, true);
    return 0;
  };
  system.environ_get = () => 0;
  const { exports } = new WebAssembly.Instance(module, { env, wasi_snapshot_preview1: system });
  const codec = exports as unknown as Codec;
  return codec;
}

/** Copies a file into the decoder's memory. @returns where it is */
export function copyIn(codec: Codec, bytes: Uint8Array, name: string): number {
  const pointer = codec.malloc(bytes.length);
  if (pointer === 0) throw new FormatError(`${name}: there is no memory left to decode it`);
  new Uint8Array(codec.memory.buffer).set(bytes, pointer);
  return pointer;
}
