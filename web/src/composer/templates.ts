/** Templates of a channel: which can be sent, what they need, and what they say when it is given. */
import type { NewTemplate, Template } from '../api/model';

const VARIABLE = /\{\{\s*([^{}\s]+)\s*\}\}/g;

/** What was entered for a template, by variable; the header and the buttons that need a value beside it. */
export interface Values {
  variables: Record<string, string>;
  header: string;
  /** The uploaded file of a header that shows one. */
  file: string | null;
  /** By the place of the button. */
  buttons: Record<number, string>;
}

export const NOTHING: Values = { variables: {}, header: '', file: null, buttons: {} };

/** Whether it can be sent at all. A header that shows a place is not offered: nobody knows by heart where that is. */
export function sendable(template: Template): boolean {
  return template.status === 'approved' && template.header?.kind !== 'place';
}

export function needsFile(template: Template): boolean {
  return ['image', 'video', 'document'].includes(template.header?.kind ?? '');
}

/** What is still missing: names of variables, `header`, `file`, `button 0`. */
export function missing(template: Template, values: Values): string[] {
  const lacks = template.variables.filter((name) => !values.variables[name]?.trim());
  if (template.header?.variable && !values.header.trim()) lacks.push('header');
  if (needsFile(template) && !values.file) lacks.push('file');
  for (const [at, button] of template.buttons.entries()) if (button.needs_value && !values.buttons[at]?.trim()) lacks.push(`button ${at}`);
  return lacks;
}

/** A line as it will read. What is not given yet stays as the template has it. */
export function read(line: string, given: (name: string) => string | undefined): string {
  return line.replace(VARIABLE, (whole, name: string) => given(name)?.trim() || whole);
}

export function body(template: Template, values: Values): string {
  return read(template.body, (name) => values.variables[name]);
}

export function header(template: Template, values: Values): string {
  return read(template.header?.text ?? '', () => values.header);
}

/** As the API takes it: numbered variables as a list, named ones by name. */
export function order(template: Template, values: Values): NewTemplate {
  const given = (name: string) => values.variables[name]?.trim() ?? '';
  const numbered = template.variables.every((name, at) => name === String(at + 1));
  return {
    name: template.name,
    language: template.language,
    ...(template.variables.length > 0 ? { variables: numbered ? template.variables.map(given) : Object.fromEntries(template.variables.map((name) => [name, given(name)])) } : {}),
    ...(template.header?.variable ? { header: { text: values.header.trim() } } : needsFile(template) && values.file ? { header: { attachment: values.file } } : {}),
    ...buttonsOf(template, values),
  };
}

function buttonsOf(template: Template, values: Values): Pick<NewTemplate, 'buttons'> {
  const buttons = template.buttons.flatMap((button, index) => (button.needs_value ? [{ index, value: values.buttons[index]?.trim() ?? '' }] : []));
  return buttons.length > 0 ? { buttons } : {};
}
