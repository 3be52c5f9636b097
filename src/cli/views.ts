import type { ViewsEvaluation } from '../recipes/views.ts';
import type { Terminal } from './terminal.ts';

/** Such as "Test accuracy over 6 views = 0.940". */
export function viewsText({ accuracy, views }: ViewsEvaluation, terminal: Terminal): string {
  const over = views === 1 ? '1 view' : `${views} views`;
  return `Test accuracy over ${over} = ${terminal.paint('bold', accuracy.toFixed(4))}`;
}
