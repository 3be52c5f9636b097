/**
 * Writes src/engine/kernels.ts: the names and the order of every kernel's arguments, read from the sources that
 * assembly/index.ts exports, so that the host's calls are checked by the compiler.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const HEADER = `/** Every kernel's arguments, in order. Written by assembly/signatures.mjs from the sources of the engine: do not edit. */
const SIGNATURES = {
`;

const FOOTER = `} as const;

type Words<S extends string> = S extends \`\${infer First} \${infer Others}\` ? [First, ...Words<Others>] : [S];

export const KERNELS = Object.fromEntries(
  Object.entries(SIGNATURES).map(([kernel, names]) => [kernel, names.split(' ')]),
) as unknown as { readonly [K in keyof typeof SIGNATURES]: Words<(typeof SIGNATURES)[K]> };
`;

/** The text of the module, from the sources below a folder. @throws Error if an exported function is not found */
export async function kernelsModule(root) {
  const index = await readFile(join(root, 'assembly/index.ts'), 'utf8');
  const lines = [];
  for (const [, names, path] of index.matchAll(/export \{([^}]*)\} from '\.\/([^']+)'/g)) {
    const source = await readFile(join(root, `assembly/${path}.ts`), 'utf8');
    for (const name of names.split(',').map((each) => each.trim())) {
      if (name === '' || name === 'barrier') continue;
      lines.push(`  ${name}: '${argumentsOf(source, name, path).join(' ')}',`);
    }
  }
  return `${HEADER}${lines.join('\n')}\n${FOOTER}`;
}

/** The names of all kernels, as src/engine/kernels.ts lists them. @throws Error as `kernelsModule` */
export async function kernelNames(root) {
  return [...(await kernelsModule(root)).matchAll(/^ {2}(\w+): '/gm)].map(([, name]) => name);
}

/** The arguments of an exported function, less the share [begin, end) of its work, which whoever runs it adds. */
function argumentsOf(source, name, path) {
  const found = new RegExp(`export function ${name}\\(([^)]*)\\): void`).exec(source);
  if (!found) throw new Error(`assembly/${path}.ts exports no function ${name} that returns nothing.`);
  const names = found[1]
    .split(',')
    .map((each) => each.split(':')[0].trim())
    .filter((each) => each !== '');
  if (names.splice(-2).join() !== 'begin,end')
    throw new Error(`${name} in assembly/${path}.ts does not end in begin, end.`);
  return names;
}

/** Brings src/engine/kernels.ts up to date. */
export async function writeKernels(root) {
  const path = join(root, 'src/engine/kernels.ts');
  const text = await kernelsModule(root);
  if ((await readFile(path, 'utf8').catch(() => '')) !== text) await writeFile(path, text);
}
