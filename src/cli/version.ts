import { readFileSync } from 'node:fs';

/** The version of this package. */
export function version(): string {
  // Two folders up is the package both from src/cli and from dist/cli.
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}
