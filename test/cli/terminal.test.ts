import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { progressLine as downloadLine } from '../../src/cli/downloadProgress.ts';
import { editDistance, nearest } from '../../src/suggest.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { bar, printable, wrap } from '../../src/cli/text.ts';
import { epochLine, progressLine } from '../../src/cli/train/epochText.ts';
import { duration, rate } from '../../src/cli/units.ts';

/** A stream that remembers what is written to it. */
class FakeStream extends EventEmitter {
  readonly isTTY: boolean;
  columns: number;
  text = '';

  constructor(isTTY: boolean, columns = 80) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): boolean {
    this.text += text;
    return true;
  }
}

function terminalOn(stream: FakeStream, env: Record<string, string> = {}, colour = true): Terminal {
  return new Terminal(stream as unknown as NodeJS.WriteStream, { env, colour });
}

const LOGS = { loss: 1.50214, accuracy: 0.45201, val_loss: 1.2034, val_accuracy: 0.56519 };
const SPEED = { seconds: 12.3, imagesPerSecond: 3120.4 };
const PROGRESS = {
  phase: 'training',
  seen: 20_000,
  before: 0,
  total: 40_000,
  seconds: 6,
  loss: 1.5,
  accuracy: 0.452,
} as const;

describe('an epoch', () => {
  it('is told whole where there is room', () => {
    expect(epochLine(0, 15, LOGS, SPEED, Infinity)).toBe(
      'Epoch  1/15  12s  3,120 images/s  loss 1.5021  accuracy 0.4520  val_loss 1.2034  val_accuracy 0.5652',
    );
    expect(epochLine(0, 15, { loss: 1.5 }, SPEED, Infinity)).toBe(
      'Epoch  1/15  12s  3,120 images/s  loss 1.5000',
    );
  });

  it('says less where there is less room, and never wraps', () => {
    expect(epochLine(0, 15, LOGS, SPEED, 79)).toBe(
      'Epoch  1/15  loss 1.5021  accuracy 0.4520  val_loss 1.2034  val_accuracy 0.5652',
    );
    expect(epochLine(0, 15, LOGS, SPEED, 59)).toBe('Epoch  1/15  loss 1.5021  acc 0.4520  val_acc 0.5652');
    for (let width = 44; width < 140; width++) {
      expect(epochLine(99, 100, LOGS, SPEED, width).length).toBeLessThanOrEqual(width);
      for (const phase of ['training', 'validating'] as const) {
        const line = progressLine(99, 100, { ...PROGRESS, phase }, width);
        expect(line.length).toBeLessThanOrEqual(width);
      }
    }
  });

  it('has a bar, the speed, the loss and accuracy so far, and the time left', () => {
    expect(progressLine(2, 15, PROGRESS, 100)).toBe(
      `Epoch  3/15  ${bar(0.5, 26)} 50%  3,333 images/s  loss 1.5000  accuracy 0.4520  6.0s left`,
    );
    // 60 columns.
    expect(progressLine(2, 15, PROGRESS, 57)).toBe(`Epoch  3/15  ${bar(0.5, 17)} 50%  acc 0.4520  6.0s left`);
  });
});

describe('a download', () => {
  it('has a bar, the bytes, the speed and the time left', () => {
    const line = downloadLine(85_000_000, 0, 170_052_171, 10, 79);
    expect(line).toMatch(/^━+─+ 49% {2}85\.0\/170\.1 MB {2}8\.5 MB\/s {2}10s left$/);
    // What an earlier call fetched is no measure of the speed.
    expect(downloadLine(85_000_000, 75_000_000, 170_052_171, 10, 79)).toContain('1.0 MB/s  1m 25s left');
    for (let width = 20; width < 100; width++) {
      expect(downloadLine(99_000_000, 0, 170_052_171, 10, width).length).toBeLessThanOrEqual(width);
    }
  });
});

describe('a terminal', () => {
  it('draws over its live line, no more than it can be seen, and makes way for text', () => {
    const stream = new FakeStream(true, 30);
    const terminal = terminalOn(stream, { NO_COLOR: '1' });
    terminal.draw((width) => `${'x'.repeat(40)} ${width}`);
    // Room is left for ^C, and for terminals that wrap in the last column.
    expect(stream.text).toBe(`\r${'x'.repeat(26)}…\x1b[K`);
    terminal.draw(() => 'too soon');
    expect(stream.text).not.toContain('too soon');
    stream.text = '';
    terminal.print('for good');
    expect(stream.text).toBe('\r\x1b[Kfor good\n');
    stream.text = '';
    terminal.clear();
    expect(stream.text).toBe('');
  });

  it('draws anew when the window changes', () => {
    const stream = new FakeStream(true, 80);
    const terminal = terminalOn(stream, { NO_COLOR: '1' });
    terminal.draw((width) => String(width));
    stream.columns = 60;
    stream.emit('resize');
    expect(stream.text).toBe('\r77\x1b[K\r57\x1b[K');
  });

  it('draws nothing where nothing can be drawn over', () => {
    for (const [stream, env] of [
      [new FakeStream(false), {}],
      [new FakeStream(true), { TERM: 'dumb' }],
    ] as const) {
      const terminal = terminalOn(stream, env);
      terminal.draw(() => 'line');
      terminal.print('text');
      expect(stream.text).toBe('text\n');
      expect(terminal.width).toBe(Infinity);
    }
  });

  it.each([
    [true, {}, true, true],
    [true, { NO_COLOR: '1' }, true, false],
    [true, { NO_COLOR: '' }, true, true],
    [true, {}, false, false],
    [false, {}, true, false],
    [false, { FORCE_COLOR: '1' }, true, true],
    [true, { FORCE_COLOR: '0' }, true, false],
    [true, { TERM: 'dumb' }, true, false],
  ])('(TTY %s, %j, colour %s) paints: %s', (isTTY, env, colour, paints) => {
    const terminal = terminalOn(new FakeStream(isTTY), env, colour);
    expect(terminal.paint('bold', 'x')).toBe(paints ? '\x1b[1mx\x1b[22m' : 'x');
  });
});

describe('words and numbers', () => {
  it('suggests what is near and nothing else', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('epohcs', 'epochs')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
    expect(nearest('batchsize', ['epochs', 'batch-size'])).toBe('batch-size');
    expect(nearest('frobnicate', ['epochs', 'batch-size', 'validation-split'])).toBeUndefined();
    expect(nearest('x', ['json', 'out'])).toBeUndefined();
  });

  it('shows text from a file without what a terminal would obey', () => {
    expect(printable('a\x1b]0;b\x07\r\x9b2J\nü')).toBe('a\ufffd]0;b\ufffd\ufffd\ufffd2J\nü');
  });

  it('suggests nothing for what is no word', () => {
    expect(nearest('x'.repeat(10e6), ['axis'])).toBeUndefined();
  });

  it('writes durations and rates', () => {
    const times = [0.04, 9.94, 9.96, 59.4, 59.6, 3599, 3601, 86_400].map(duration);
    expect(times).toEqual(['0.0s', '9.9s', '10s', '59s', '1m 00s', '59m 59s', '1h 00m', '24h 00m']);
    expect([3120.4, 9.55, 0].map(rate)).toEqual(['3,120', '9.6', '0.0']);
  });

  it('fills bars and lines', () => {
    expect([bar(0, 4), bar(0.5, 4), bar(1, 4), bar(7, 4)]).toEqual(['────', '━━──', '━━━━', '━━━━']);
    expect(wrap(['aa', 'bb', 'cc'], 5, ' ')).toBe('aa bb\n cc');
  });
});
