/** A template as it is written here, and as it is handed in. */
import type { TemplateDraft } from '../api/model';

export interface Written {
  name: string;
  language: string;
  category: 'marketing' | 'utility';
  header: string;
  headerExample: string;
  body: string;
  /** By the variable's name. */
  examples: Record<string, string>;
  footer: string;
  /** Quick replies, one on each line. */
  replies: string;
}

export const NOTHING: Written = { name: '', language: '', category: 'utility', header: '', headerExample: '', body: '', examples: {}, footer: '', replies: '' };

/** The names of a text's variables, `{{1}}` or `{{name}}`, each once and in order. */
export function variablesIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g)].map((found) => found[1] as string))];
}

export function draftOf(written: Written): TemplateDraft {
  const labels = written.replies.split('\n').map((line) => line.trim()).filter(Boolean);
  const [header, footer] = [written.header.trim(), written.footer.trim()];
  return {
    name: written.name.trim(),
    language: written.language.trim(),
    category: written.category,
    body: written.body.trim(),
    examples: Object.fromEntries(variablesIn(written.body).map((name) => [name, (written.examples[name] ?? '').trim()])),
    ...(header ? { header: { kind: 'text', text: header, ...(variablesIn(header).length > 0 ? { example: written.headerExample.trim() } : {}) } } : {}),
    ...(footer ? { footer } : {}),
    buttons: labels.map((label) => ({ kind: 'quick_reply', label })),
  };
}
