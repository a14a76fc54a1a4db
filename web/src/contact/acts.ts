/** What can be done to a contact as a whole: behind the buttons of the panel, and from the palette. */
import type { Component } from 'svelte';
import Download from '@lucide/svelte/icons/download';
import Merge from '@lucide/svelte/icons/merge';
import Trash2 from '@lucide/svelte/icons/trash-2';
import type { Command } from '../palette/commands.svelte';
import { may, type Right } from '../settings/rights';
import { t } from '../text/text';

export const ACTS = ['merge', 'export', 'erase'] as const;
export type Act = (typeof ACTS)[number];

const NEEDS: Record<Act, Right> = { merge: 'write_contacts', export: 'export_contacts', erase: 'erase_contacts' };

export const PICTURES: Record<Act, Component<{ size?: number }>> = { merge: Merge, export: Download, erase: Trash2 };

/** Those that a role may do. */
export function actsFor(role: string | undefined): Act[] {
  return ACTS.filter((act) => may(role, NEEDS[act]));
}

/** `name`: whose contact it is about. */
export function contactCommands(role: string | undefined, name: string, run: (act: Act) => void): Command[] {
  return actsFor(role).map((act) => ({ id: `contact.${act}`, group: 'contact', label: t.contact[act], hint: name, icon: PICTURES[act], words: t.palette.actWords[act], run: () => run(act) }));
}
