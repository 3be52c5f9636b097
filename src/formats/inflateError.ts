/** Inflating a zlib stream (RFC 1950) to a length that is known beforehand. */

/** Why that did not work. */
export class InflateError extends Error {
  readonly kind: 'short' | 'long' | 'damaged';

  /** @param kind  whether the stream ends before, goes on after, or is none */
  constructor(kind: InflateError['kind'], options: ErrorOptions & { readonly reason?: string } = {}) {
    super(options.reason ?? kind, options);
    this.kind = kind;
  }
}
