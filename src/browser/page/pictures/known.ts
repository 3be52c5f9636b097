/** Which files a class has already, by what is in them, whatever they are called. */

/** Of each file that was compared. */
const checksums = new WeakMap<Blob, Promise<number | undefined>>();

/** Those that are not among the known ones, each once. */
export async function withoutKnown<T extends { readonly blob: Blob }>(
  added: readonly T[],
  known: Iterable<Blob>,
): Promise<T[]> {
  const bySize = new Map<number, Blob[]>();
  const remember = (blob: Blob): void => {
    bySize.set(blob.size, [...(bySize.get(blob.size) ?? []), blob]);
  };
  for (const blob of known) remember(blob);
  const fresh: T[] = [];
  for (const each of added) {
    if (await isAmong(each.blob, bySize.get(each.blob.size) ?? [])) continue;
    remember(each.blob);
    fresh.push(each);
  }
  return fresh;
}

async function isAmong(blob: Blob, others: readonly Blob[]): Promise<boolean> {
  for (const other of others) if (await areEqual(blob, other)) return true;
  return false;
}

/** The bytes decide. Checksums keep most of those of the same size from being read over and over. */
async function areEqual(blob: Blob, other: Blob): Promise<boolean> {
  const [a, b] = await Promise.all([checksumOf(blob), checksumOf(other)]);
  if (a === undefined || a !== b) return false;
  const [bytes, others] = await Promise.all([bytesOf(blob), bytesOf(other)]);
  return bytes !== undefined && others !== undefined && bytes.every((byte, i) => byte === others[i]);
}

/** FNV-1a: browsers have cryptographic ones only where a page is secure. */
function checksumOf(blob: Blob): Promise<number | undefined> {
  let checksum = checksums.get(blob);
  if (!checksum) {
    checksum = bytesOf(blob).then((bytes) =>
      bytes?.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5 | 0),
    );
    checksums.set(blob, checksum);
  }
  return checksum;
}

/** @returns undefined if it cannot be read any more */
async function bytesOf(blob: Blob): Promise<Uint8Array | undefined> {
  return blob.arrayBuffer().then(
    (buffer) => new Uint8Array(buffer),
    () => undefined,
  );
}
