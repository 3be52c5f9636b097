/** Where a command's text for people goes, and the line on it that is drawn over and over. */
import { truncate } from './text.ts';

export interface TerminalOptions {
  /** The environment, for NO_COLOR, FORCE_COLOR and TERM. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** False for --no-color. */
  readonly colour?: boolean;
}

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

const CODES: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** Redrawing more often than the eye can follow only costs time. */
const REDRAW_MILLISECONDS = 100;

export class Terminal {
  /** Whether lines can be drawn over: not in a pipe, a file or a dumb terminal. */
  readonly live: boolean;
  readonly colour: boolean;
  readonly #stream: NodeJS.WriteStream;
  #line: ((width: number) => string) | undefined;
  #drawnAt = -Infinity;

  constructor(stream: NodeJS.WriteStream, { env = process.env, colour = true }: TerminalOptions = {}) {
    this.#stream = stream;
    const dumb = env.TERM === 'dumb';
    this.live = stream.isTTY && !dumb;
    this.colour = colour && coloursWanted(env, this.live);
    // An old line may have been wrapped by a narrower window; drawing anew at once keeps the damage to that.
    if (this.live) {
      stream.on('resize', () => {
        if (this.#line) this.#draw();
      });
    }
  }

  /** How many characters fit on a line without wrapping; Infinity where nothing wraps. */
  get width(): number {
    // In the last column some terminals wrap already.
    return this.live ? Math.max(20, (this.#stream.columns || 80) - 1) : Infinity;
  }

  /** Prints lines for good. The live line, if there is one, goes. */
  print(text = ''): void {
    this.clear();
    this.#stream.write(`${text}\n`);
  }

  /** Draws the live line, if it is time to: `line` gets the width it must fit into. */
  draw(line: (width: number) => string): void {
    if (!this.live) return;
    this.#line = line;
    if (performance.now() - this.#drawnAt >= REDRAW_MILLISECONDS) this.#draw();
  }

  /** Removes the live line. */
  clear(): void {
    if (!this.#line) return;
    this.#line = undefined;
    this.#drawnAt = -Infinity;
    this.#stream.write('\r\x1b[K');
  }

  /** The text in a style, if colours are wanted. */
  paint(style: Style, text: string): string {
    const [on, off] = CODES[style];
    return this.colour ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  }

  #draw(): void {
    this.#drawnAt = performance.now();
    // Room for the ^C that the terminal shows behind the line: wrapped, it would leave a half line behind.
    const width = this.width - 2;
    const line = truncate(this.#line!(width), width);
    const painted = line
      .replace(/━+/, (done) => this.paint('green', done))
      .replace(/─+/, (open) => this.paint('dim', open));
    this.#stream.write(`\r${painted}\x1b[K`);
  }
}

/** See no-color.org and force-color.org. */
function coloursWanted(env: NonNullable<TerminalOptions['env']>, live: boolean): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return env.FORCE_COLOR !== '0';
  return live;
}
