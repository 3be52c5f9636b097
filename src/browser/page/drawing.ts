/** A canvas to draw on, by mouse, pen, finger or keyboard. */
import type { Picture } from '../protocol.ts';
import { byId, h } from './dom.ts';

interface Brush {
  readonly name: string;
  readonly colour: string;
}

const BRUSHES: readonly Brush[] = [
  { name: 'yellow', colour: '#ffd23f' },
  { name: 'red', colour: '#e4473c' },
  { name: 'blue', colour: '#2f7fd6' },
  { name: 'green', colour: '#2e9e5b' },
  { name: 'white', colour: '#f4f4f0' },
  { name: 'black', colour: '#1c1c1c' },
];

const WIDTHS = [
  ['fine', 14],
  ['broad', 30],
] as const;

/** How far an arrow key moves the brush, in pixels of the canvas. */
const STRIDE = 8;

export class Drawing {
  readonly #canvas = byId('drawing', HTMLCanvasElement);
  readonly #context: CanvasRenderingContext2D;
  readonly #onDrawn: () => void;
  #colour = BRUSHES[0]!.colour;
  #width: number = WIDTHS[1][1];
  #at: readonly [number, number] | undefined;
  #down = false;
  /** What was drawn, without the mark that shows where the keyboard's brush is. */
  #beneath: ImageData | undefined;

  /** @param onDrawn  is called after every stroke */
  constructor(onDrawn: () => void) {
    const context = this.#canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('This browser cannot draw.');
    this.#context = context;
    this.#onDrawn = onDrawn;
    this.#listen();
    this.#buildBrushes();
    this.clear();
  }

  clear(): void {
    this.#beneath = undefined;
    this.#hint(true);
    this.#context.fillStyle = '#5b6670';
    this.#context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  picture(): Picture {
    const { width, height } = this.#canvas;
    const { data } = this.#beneath ?? this.#context.getImageData(0, 0, width, height);
    return { width, height, rgba: data.slice() };
  }

  #listen(): void {
    const canvas = this.#canvas;
    canvas.addEventListener('pointerdown', (event) => {
      this.#hideMark();
      canvas.setPointerCapture(event.pointerId);
      this.#down = true;
      this.#at = this.#place(event);
      this.#strokeTo(this.#at);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      for (const each of event.getCoalescedEvents()) this.#strokeTo(this.#place(each));
    });
    const lift = (event: PointerEvent): void => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      canvas.releasePointerCapture(event.pointerId);
      this.#down = false;
      this.#onDrawn();
    };
    canvas.addEventListener('pointerup', lift);
    canvas.addEventListener('pointercancel', lift);
    canvas.addEventListener('keydown', (event) => {
      this.#onKey(event);
    });
    canvas.addEventListener('blur', () => {
      this.#down = false;
      this.#hideMark();
    });
  }

  #onKey(event: KeyboardEvent): void {
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-STRIDE, 0],
      ArrowRight: [STRIDE, 0],
      ArrowUp: [0, -STRIDE],
      ArrowDown: [0, STRIDE],
    };
    const move = moves[event.key];
    if (!move && event.key !== ' ') return;
    event.preventDefault();
    this.#hideMark();
    const { width, height } = this.#canvas;
    const [x, y] = this.#at ?? [width / 2, height / 2];
    this.#at ??= [x, y];
    if (move) {
      const next = [
        Math.min(width, Math.max(0, x + move[0])),
        Math.min(height, Math.max(0, y + move[1])),
      ] as const;
      if (this.#down) this.#strokeTo(next);
      this.#at = next;
    } else {
      this.#down = !this.#down;
      if (this.#down) this.#strokeTo(this.#at);
    }
    if (this.#down) this.#onDrawn();
    this.#showMark();
  }

  /** A ring where the keyboard's brush is. It is no part of the drawing. */
  #showMark(): void {
    const { width, height } = this.#canvas;
    this.#beneath = this.#context.getImageData(0, 0, width, height);
    const [x, y] = this.#at!;
    for (const [colour, line] of [
      ['#000', 4],
      ['#fff', 2],
    ] as const) {
      this.#context.strokeStyle = colour;
      this.#context.lineWidth = line;
      this.#context.beginPath();
      this.#context.arc(x, y, this.#width / 2, 0, 2 * Math.PI);
      this.#context.stroke();
    }
  }

  #hideMark(): void {
    if (this.#beneath) this.#context.putImageData(this.#beneath, 0, 0);
    this.#beneath = undefined;
  }

  #hint(shown: boolean): void {
    byId('drawing-hint').hidden = !shown;
  }

  #place({ clientX, clientY }: MouseEvent): readonly [number, number] {
    const box = this.#canvas.getBoundingClientRect();
    return [
      ((clientX - box.left) * this.#canvas.width) / box.width,
      ((clientY - box.top) * this.#canvas.height) / box.height,
    ];
  }

  #strokeTo(to: readonly [number, number]): void {
    const context = this.#context;
    context.strokeStyle = this.#colour;
    context.lineWidth = this.#width;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.beginPath();
    context.moveTo(...(this.#at ?? to));
    context.lineTo(...to);
    context.stroke();
    this.#at = to;
    this.#hint(false);
  }

  #buildBrushes(): void {
    const colours = BRUSHES.map(({ name, colour }, i) => {
      const input = h('input', { type: 'radio', name: 'colour', value: colour, checked: i === 0 });
      input.addEventListener('change', () => (this.#colour = colour));
      return h(
        'label',
        { class: 'swatch', style: `--swatch:${colour}` },
        input,
        h('span', { class: 'visually-hidden' }, name),
      );
    });
    const widths = WIDTHS.map(([name, width], i) => {
      const input = h('input', { type: 'radio', name: 'width', value: width, checked: i === 1 });
      input.addEventListener('change', () => (this.#width = width));
      return h('label', {}, input, h('span', {}, name));
    });
    byId('brushes').append(
      h('fieldset', { class: 'swatches' }, h('legend', { class: 'visually-hidden' }, 'Colour'), ...colours),
      h('fieldset', { class: 'segments' }, h('legend', { class: 'visually-hidden' }, 'Brush'), ...widths),
    );
  }
}
