/** Light or dark: as the system has it, until the switch is used. */
import { byId } from './dom.ts';

type Theme = 'light' | 'dark';

const KEY = 'simdnet.theme';

/** Sets the switch up. @param onChange  is called when the colours have changed */
export function setUpTheme(onChange: () => void): void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const button = byId('theme', HTMLButtonElement);
  const show = (): void => {
    const chosen = remembered();
    if (chosen) document.documentElement.dataset.theme = chosen;
    button.setAttribute('aria-pressed', String(isDark()));
    onChange();
  };
  button.addEventListener('click', () => {
    remember(isDark() ? 'light' : 'dark');
    show();
  });
  system.addEventListener('change', show);
  show();
}

export function isDark(): boolean {
  const chosen = remembered();
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

let unsaved: Theme | undefined;

function remembered(): Theme | undefined {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === 'light' || theme === 'dark' ? theme : unsaved;
  } catch {
    return unsaved; // Storage may be forbidden.
  }
}

function remember(theme: Theme): void {
  unsaved = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Then it is forgotten with the page.
  }
}
