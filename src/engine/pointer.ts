/** Places in engine memory that get their addresses only when all that needs memory is known: see nn/liveness.ts. */

/** Memory that will be somewhere. */
export class VirtualBuffer {
  readonly bytes: number;
  /** `thread`: every thread has such memory of its own. `slot`: a part of whichever batch's slot is in use. */
  readonly kind: 'shared' | 'thread' | 'slot';
  /** Where it is, in bytes; for the kind `slot`, from the start of the slot. */
  address: number | undefined;

  constructor(bytes: number, kind: VirtualBuffer['kind'] = 'shared', address?: number) {
    this.bytes = bytes;
    this.kind = kind;
    this.address = address;
  }
}

/** An address that is not known yet: so many bytes behind the start of a buffer. */
export interface Pointer {
  readonly buffer: VirtualBuffer;
  readonly offset: number;
}

export type Address = number | Pointer;

/** The address so many bytes further on. */
export function offsetBy(address: Address, bytes: number): Address {
  return typeof address === 'number'
    ? address + bytes
    : { buffer: address.buffer, offset: address.offset + bytes };
}
