/** Offers commands while a component is there. What is read inside follows its changes. */
import { getApp } from '../app.svelte';
import type { Command } from './commands.svelte';

export function offer(source: () => readonly Command[]): void {
  const { commands } = getApp();
  $effect(() => commands.add(source));
}
