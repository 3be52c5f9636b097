/** Bytes that came as text, in a script or a page: deflated, as a zlib stream, in base64. @throws TypeError if they are damaged */
export async function inflated(base64: string): Promise<Uint8Array<ArrayBuffer>> {
  const text = atob(base64);
  const deflated = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) deflated[i] = text.charCodeAt(i);
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
