/** `npm run demo`: serves the page on this machine until Ctrl-C. */
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { OptionError, SimdnetError } from '../../errors.ts';
import { serveFolder } from './staticServer.ts';

/** Free on most machines; images are 32 on a side. */
const DEFAULT_PORT = 8032;

const USAGE = `Usage: npm run demo [-- --port PORT]

Serves the page on this machine; PORT is ${DEFAULT_PORT}, or the next one that is free, by default.`;

async function main(args: readonly string[]): Promise<void> {
  const { port, help } = readArguments(args);
  if (help) {
    console.log(USAGE);
    return;
  }
  const folder = fileURLToPath(new URL('../../../dist/demo/', import.meta.url));
  if (!(await stat(folder).catch(() => undefined))) {
    throw new SimdnetError(`There is no page in ${folder}: build it with "npm run demo:build".`);
  }
  const server = await serveFolder(
    folder,
    port === undefined ? { port: DEFAULT_PORT, orNext: true } : { port },
  );
  console.log(`\nsimdnet is at ${server.url}\nCtrl-C ends it.`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void server.close();
    });
  }
}

/** @throws OptionError for what it does not know */
function readArguments(args: readonly string[]): { port: number | undefined; help: boolean } {
  let values: { port?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: { port: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    }));
  } catch (cause) {
    throw new OptionError(`${(cause as Error).message}\n\n${USAGE}`, { cause });
  }
  const { port: text, help = false } = values;
  if (text === undefined) return { port: undefined, help };
  const port = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65535)) {
    throw new OptionError(`--port must be a whole number from 0 to 65535, not ${JSON.stringify(text)}.`);
  }
  return { port, help };
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SimdnetError)) throw error;
  console.error(`simdnet: ${error.message}`);
  process.exitCode = error instanceof OptionError ? 2 : 1;
}
