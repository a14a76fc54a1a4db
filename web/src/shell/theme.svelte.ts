/** Light, dark, or as the system is. Only this one word is kept in the browser. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'parloir.theme';
const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

export class ThemeChoice {
  current = $state<Theme>(remembered());

  constructor() {
    this.#show();
  }

  turn(): void {
    this.current = NEXT[this.current];
    this.#show();
    try {
      localStorage.setItem(KEY, this.current);
    } catch {
      // A browser that keeps nothing still shows the theme until the tab is closed.
    }
  }

  #show(): void {
    if (this.current === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.current;
  }
}

function remembered(): Theme {
  try {
    const word = localStorage.getItem(KEY);
    return word === 'light' || word === 'dark' ? word : 'system';
  } catch {
    return 'system';
  }
}
