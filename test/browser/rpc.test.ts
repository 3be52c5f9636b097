import { afterEach, describe, expect, it } from 'vitest';
import { answer, Caller, RemoteError } from '../../src/browser/rpc.ts';

interface Sums {
  add(a: number, b: number): Promise<number>;
  fail(): Promise<void>;
  never(): Promise<void>;
}

const calls: Sums = {
  add: (a, b) => Promise.resolve(a + b),
  fail: () => Promise.reject(new RangeError('too far')),
  never: () => new Promise(() => undefined),
};

let channel: MessageChannel | undefined;

afterEach(() => {
  channel?.port1.close();
});

function connect(onEvent: (event: string) => void = () => undefined) {
  channel = new MessageChannel();
  channel.port1.start();
  channel.port2.start();
  const describeError = (error: unknown) => ({
    name: (error as Error).name,
    message: `no: ${(error as Error).message}`,
  });
  const tell = answer<Sums>(channel.port2, calls, describeError);
  return { caller: new Caller<Sums, string>(channel.port1, onEvent), tell };
}

describe('calls across a port', () => {
  it('give each caller its own answer', async () => {
    const { caller } = connect();
    expect(await Promise.all([caller.call('add', 1, 2), caller.call('add', 30, 4)])).toEqual([3, 34]);
  });

  it('fail with what was thrown, in the words of the other side', async () => {
    const failure = connect().caller.call('fail');
    await expect(failure).rejects.toThrow(RemoteError);
    await expect(failure).rejects.toMatchObject({ name: 'RangeError', message: 'no: too far' });
  });

  it('bring events', async () => {
    const event = await new Promise((resolve) => {
      connect(resolve).tell('news');
    });
    expect(event).toBe('news');
  });

  it('fail when the other side is gone, those to come as well', async () => {
    const { caller } = connect();
    const pending = caller.call('never');
    caller.fail(new Error('gone'));
    await expect(pending).rejects.toThrow('gone');
    await expect(caller.call('add', 1, 2)).rejects.toThrow('gone');
  });
});
