/** What a chooser offers, and which of it fits what was typed. */
import type { Component } from 'svelte';
import { score } from './fuzzy';

export interface Option {
  /** Unique among the options. */
  key: string;
  label: string;
  hint?: string;
  icon?: Component<{ size?: number }>;
  /** A name to draw initials for, instead of an icon. */
  avatar?: string;
  /** Other words by which it is found. */
  words?: string;
  disabled?: boolean;
}

/** The best fit first; everything in its own order while nothing is typed. */
export function fitting<T extends Pick<Option, 'label' | 'words'>>(options: readonly T[], typed: string): T[] {
  if (!typed.trim()) return [...options];
  return options
    .map((option, at) => ({ option, at, points: Math.max(score(typed, option.label), option.words ? score(typed, option.words) * 0.8 : 0) }))
    .filter(({ points }) => points > 0)
    .sort((one, other) => other.points - one.points || one.at - other.at)
    .map(({ option }) => option);
}
