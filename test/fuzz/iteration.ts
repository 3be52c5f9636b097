/** One iteration: a file is made, read, and judged. */
import { getHeapStatistics } from 'node:v8';
import { SimdnetError } from '../../src/errors.ts';
import { Choices } from './choices.ts';
import type { Target } from './target.ts';
import { targetOf } from './targets/all.ts';

/** Seconds that reading may take, of the processor as of the clock: others may be at work too. */
export const MOST_SECONDS = 1;

/** Characters in what people are told. */
const MOST_MESSAGE = 2000;

export interface Outcome {
  readonly target: string;
  readonly kind: 'result' | 'typed error' | 'failure';
  readonly seconds: number;
  /** Bytes more than before, what is garbage by now included. */
  readonly memory: number;
  readonly fileBytes: number;
  /** What was wrong, or what the error said. */
  readonly message?: string;
}

/** The name that errors must name. */
export const FILE_NAME = 'some-file.bin';

export async function inputOf(seed: number, iteration: number): Promise<Uint8Array> {
  return targetOf(iteration).make(new Choices(seed, iteration));
}

export async function runIteration(seed: number, iteration: number): Promise<Outcome> {
  const target = targetOf(iteration);
  const bytes = await inputOf(seed, iteration);
  const { free, perByte } = target.memory;
  const most = free + perByte * bytes.length;
  const [memoryBefore, peakBefore] = [usedMemory(), peakMemory()];
  const problem = await tryToRead(target, bytes);
  const memory = Math.max(0, usedMemory() - memoryBefore);
  const peak = peakMemory() - peakBefore;
  // Something else may have taken the time, a compiler or collector at work: a file that is slow to read is so each time.
  const { seconds } = problem.seconds > MOST_SECONDS ? await tryToRead(target, bytes) : problem;
  const megabytes = (count: number): string => `${Math.round(count / 2 ** 20)} MB`;
  const failure =
    problem.failure ??
    (seconds > MOST_SECONDS ? `it took ${seconds.toFixed(1)} s` : undefined) ??
    (memory > most || peak > most
      ? `${megabytes(Math.max(memory, peak))} for a file of ${bytes.length} bytes, for which ${megabytes(most)} are allowed`
      : undefined);
  const message = failure ?? problem.said;
  return {
    target: target.name,
    kind: failure !== undefined ? 'failure' : problem.said !== undefined ? 'typed error' : 'result',
    seconds,
    memory,
    fileBytes: bytes.length,
    ...(message !== undefined && { message }),
  };
}

interface Attempt {
  readonly seconds: number;
  readonly failure?: string;
  readonly said?: string;
}

async function tryToRead(target: Target, bytes: Uint8Array): Promise<Attempt> {
  const [clock, cpu] = [performance.now(), process.cpuUsage()];
  const said = await errorOf(() => target.read(bytes, FILE_NAME));
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: Math.min((performance.now() - clock) / 1000, (user + system) / 1e6), ...said };
}

async function errorOf(read: () => unknown): Promise<{ failure?: string; said?: string }> {
  try {
    await read();
    return {};
  } catch (error) {
    if (!(error instanceof SimdnetError)) {
      return {
        failure: `no typed error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      };
    }
    const said = error.message;
    if (said.length > MOST_MESSAGE)
      return { failure: `a message of ${said.length} characters: ${said.slice(0, 200)}` };
    if (!said.includes(FILE_NAME) && !/\b(data|test)_batch/.test(said)) {
      return { failure: `a message that does not name the file: ${said}` };
    }
    return { said };
  }
}

function usedMemory(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

/** The most that the process has ever had. */
function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}
