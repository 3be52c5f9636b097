/** The confusion matrix as a grid of buttons: the arrow keys move between the cells. */
import { h } from './dom.ts';
import { counted } from './format.ts';

/**
 * @param matrix  rows are the classes, columns the answers
 * @param onChoose  is called with a cell that has images
 */
export function matrixTable(
  matrix: readonly (readonly number[])[],
  classNames: readonly string[],
  onChoose: (actual: number, answer: number) => void,
): HTMLTableElement {
  const mostWrong = Math.max(1, ...matrix.flatMap((row, i) => row.filter((_, k) => k !== i)));
  const buttons = matrix.map((row, actual) => {
    const total = row.reduce((sum, value) => sum + value, 0);
    return row.map((value, answer) => {
      const right = actual === answer;
      const strength = right ? value / Math.max(1, total) : Math.sqrt(value / mostWrong);
      const button = h(
        'button',
        {
          type: 'button',
          class: value === 0 ? 'none' : right ? 'right' : 'wrong',
          tabindex: actual === 0 && answer === 0 ? 0 : -1,
          style: `--strength:${Math.round(100 * strength)}%`,
          'aria-label': `${classNames[actual]!} taken for ${classNames[answer]!}: ${counted(value, 'image')}`,
        },
        value === 0 ? '·' : String(value),
      );
      button.addEventListener('click', () => {
        if (value > 0) onChoose(actual, answer);
      });
      return button;
    });
  });
  const table = h(
    'table',
    { class: 'matrix', style: `--classes:${classNames.length}`, 'aria-labelledby': 'matrix-title' },
    h(
      'thead',
      {},
      h('tr', {}, h('td', {}), ...classNames.map((name) => h('th', { scope: 'col' }, h('span', {}, name)))),
    ),
    h(
      'tbody',
      {},
      ...buttons.map((row, actual) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, classNames[actual]!),
          ...row.map((button) => h('td', {}, button)),
        ),
      ),
    ),
  );
  table.addEventListener('keydown', (event) => {
    moveFocus(event, buttons);
  });
  return table;
}

const MOVES: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  Home: [0, -Infinity],
  End: [0, Infinity],
};

function moveFocus(event: KeyboardEvent, buttons: readonly (readonly HTMLButtonElement[])[]): void {
  const move = MOVES[event.key];
  const row = buttons.findIndex((candidates) => candidates.some((button) => button === event.target));
  if (!move || row < 0) return;
  const column = buttons[row]!.findIndex((button) => button === event.target);
  const within = (value: number): number => Math.min(buttons.length - 1, Math.max(0, value));
  const next = buttons[within(row + move[0])]![within(column + move[1])]!;
  event.preventDefault();
  for (const button of buttons.flat()) button.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
