/** Variables of canned replies: `{{contact.first_name}}` becomes the name that is meant. */

export interface Known {
  contact: { name?: string | null };
  member: { name?: string | null };
  workspace: { name?: string | null };
}

export interface Filled {
  text: string;
  /** The variables that nothing is known for. They stay, to be seen and filled by hand. */
  missing: string[];
}

export const VARIABLES = ['contact.name', 'contact.first_name', 'member.name', 'member.first_name', 'workspace.name'] as const;

const VARIABLE = /\{\{\s*([\w.]+)\s*\}\}/g;

export function fill(text: string, known: Known): Filled {
  const values: Record<string, string | null | undefined> = {
    'contact.name': known.contact.name,
    'contact.first_name': firstName(known.contact.name),
    'member.name': known.member.name,
    'member.first_name': firstName(known.member.name),
    'workspace.name': known.workspace.name,
  };
  const missing = new Set<string>();
  const filled = text.replace(VARIABLE, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name]?.trim() : '';
    if (value) return value;
    missing.add(name);
    return whole;
  });
  return { text: filled, missing: [...missing] };
}

function firstName(name: string | null | undefined): string | undefined {
  return name?.trim().split(/\s+/)[0];
}
