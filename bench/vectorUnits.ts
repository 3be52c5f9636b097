/** How wide the vectors are that native code has: simdnet's are 128 bits on any machine, or 256 in the build turbo. */
import { readFile } from 'node:fs/promises';

/** AMD's family of Zen 4: it takes instructions on 512 bits in two halves, as its successors need not. */
const ZEN_4 = 25;

/**
 * "AVX2", "AVX-512", or "AVX-512 at half width".
 * @param path  what Linux says of the processors
 * @returns undefined where the system does not tell
 */
export async function vectorUnits(path = '/proc/cpuinfo'): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const flags = field(text, 'flags')?.split(' ') ?? [];
  if (flags.includes('avx512f')) {
    const halves = field(text, 'vendor_id') === 'AuthenticAMD' && Number(field(text, 'cpu family')) === ZEN_4;
    return halves ? 'AVX-512 at half width' : 'AVX-512';
  }
  return flags.includes('avx2') ? 'AVX2' : undefined;
}

function field(text: string, name: string): string | undefined {
  return new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1];
}
