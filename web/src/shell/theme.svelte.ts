/** Light, dark, or as the system is. */
import { keep, kept } from './kept';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export class ThemeChoice {
  current = $state<Theme>(THEMES.find((one) => one === kept('theme')) ?? 'system');

  constructor() {
    this.#show();
  }

  choose(theme: Theme): void {
    this.current = theme;
    this.#show();
    keep('theme', theme);
  }

  #show(): void {
    if (this.current === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.current;
  }
}
