/** What of the frame is open: what lies over the screen, the drawer, the sidebar, the panel beside the thread. */
import type { Command } from '../palette/commands.svelte';
import { keep, kept } from './kept';

export type Over = 'palette' | 'search' | 'keys';

export class Frame {
  over = $state<Over | null>(null);
  /** The palette begins with the choices of this one. */
  asking = $state.raw<Command | null>(null);
  /** The views as a drawer, on narrow screens. */
  drawer = $state(false);
  /** The sidebar as a narrow row of pictures. */
  narrow = $state(kept('sidebar') === 'narrow');
  #details = $state(matchMedia('(min-width: 1280px)').matches);
  #enters = false;
  #folded = $state.raw<readonly string[]>((kept('sections') ?? '').split(',').filter(Boolean));

  /** The panel beside the thread. */
  get details(): boolean {
    return this.#details;
  }

  set details(on: boolean) {
    this.#enters = on && !this.#details;
    this.#details = on;
  }

  /** Whether somebody has just opened the panel and is to be taken there: once. */
  entersDetails(): boolean {
    const enters = this.#enters;
    this.#enters = false;
    return enters;
  }

  open(over: Over): void {
    this.over = over;
    this.drawer = false;
  }

  ask(command: Command): void {
    this.asking = command;
    this.open('palette');
  }

  /** Closes whatever is open, or this alone: a dialog says late that it was closed, when another may be open already. */
  close(only?: Over): void {
    if (only && this.over !== only) return;
    this.over = null;
    this.asking = null;
  }

  turnSidebar(): void {
    this.narrow = !this.narrow;
    keep('sidebar', this.narrow ? 'narrow' : 'wide');
  }

  isFolded(section: string): boolean {
    return this.#folded.includes(section);
  }

  fold(section: string): void {
    this.#folded = this.isFolded(section) ? this.#folded.filter((one) => one !== section) : [...this.#folded, section];
    keep('sections', this.#folded.join(','));
  }
}
