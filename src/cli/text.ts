/** Laying out lines of text. Pure. */

/** The first line that fits into the width; the last of them if none does. */
export function firstThatFits(width: number, lines: readonly string[]): string {
  return lines.find((line) => line.length <= width) ?? lines.at(-1)!;
}

export function truncate(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}

/** Text that may be from a file, without what a terminal would take for commands; lines stay lines. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => (character === '\n' ? character : '\ufffd'));
}

/** A bar of the given width, filled to `fraction`. */
export function bar(fraction: number, width: number): string {
  const filled = Math.round(Math.min(Math.max(fraction, 0), 1) * width);
  return '━'.repeat(filled) + '─'.repeat(width - filled);
}

/** Words, as many on a line as fit; lines after the first begin with `indent`. */
export function wrap(words: readonly string[], width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line += line === '' ? word : ` ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
