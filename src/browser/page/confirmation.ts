/** Asks before something is lost. */
import { h } from './dom.ts';

/** @param action  what the button says that does it. Escape is no. */
export function confirmed(question: string, action: string): Promise<boolean> {
  const yes = h('button', { type: 'button', class: 'primary' }, action);
  const no = h('button', { type: 'button', class: 'secondary' }, 'Keep');
  const dialog = h(
    'dialog',
    { class: 'confirmation', 'aria-label': question },
    h('p', {}, question),
    h('div', { class: 'row' }, no, yes),
  );
  document.body.append(dialog);
  return new Promise((resolve) => {
    yes.addEventListener('click', () => {
      dialog.close('yes');
    });
    no.addEventListener('click', () => {
      dialog.close();
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    dialog.showModal();
  });
}
