/** What the browser keeps: how the app looks here, and what it verified of audit logs; nothing about anybody's data. */

type Name = 'theme' | 'language' | 'keys' | 'sidebar' | 'sections' | 'undo' | 'audit';

export function kept(name: Name): string | null {
  try {
    return localStorage.getItem(`parloir.${name}`);
  } catch {
    return null;
  }
}

/** A browser that keeps nothing shows it until the tab is closed. */
export function keep(name: Name, value: string): void {
  try {
    localStorage.setItem(`parloir.${name}`, value);
  } catch {
    // Nothing is lost that could not be chosen again.
  }
}
