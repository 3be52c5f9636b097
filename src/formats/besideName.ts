/** Names of files that stand beside another one, as that one names them. */

/**
 * The name in the only spelling that it has here, by which files are told apart: without the parts ".". Undefined for what is no
 * relative path that stays in the folder, and for what URLs or Windows read as more than a path.
 */
export function besideName(name: string): string | undefined {
  // eslint-disable-next-line no-control-regex -- they are what must not be there
  if (/[\\:?#\u0000-\u001f]/.test(name)) return undefined;
  const parts = name.split('/').filter((part) => part !== '.');
  return parts.length === 0 || parts.includes('') || parts.includes('..') ? undefined : parts.join('/');
}
