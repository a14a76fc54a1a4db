/** What a menu tells its items. */
import { createContext } from 'svelte';

export interface OpenMenu {
  /** `back`: the focus returns to the button. */
  close(back: boolean): void;
}

export const [getMenu, setMenu] = createContext<OpenMenu>();
