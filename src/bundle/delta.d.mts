export function editsOf(source: Buffer, target: Buffer): Uint8Array;
