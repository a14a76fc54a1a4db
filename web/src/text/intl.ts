/** Numbers, lists and sizes as the member's language and country write them. Moments are in `shell/time.ts`. */
import { language } from './text';

/** The spoken language as the browser's country has it: `en-GB` for an English-speaking member in Britain. */
export function locale(wishes: readonly string[] = globalThis.navigator?.languages ?? []): string {
  const spoken = language();
  return wishes.find((wish) => wish.toLowerCase().split('-')[0] === spoken) ?? spoken;
}

/** `1,234`. */
export function number(n: number, options?: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(locale(), options).format(n);
}

/** `Ada, Bo and Cy`. */
export function list(items: readonly string[], type: 'conjunction' | 'disjunction' = 'conjunction'): string {
  return new Intl.ListFormat(locale(), { type }).format(items);
}

/** `3 hours`, `3 hr`, `3h`. */
export function measure(n: number, unit: 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year', display: 'long' | 'short' | 'narrow' = 'long', where: string = locale()): string {
  return new Intl.NumberFormat(where, { style: 'unit', unit, unitDisplay: display }).format(n);
}

/** Names in the order in which the member's language sorts them. */
export function byName<T extends { name: string }>(things: readonly T[]): T[] {
  const order = new Intl.Collator(locale(), { sensitivity: 'base', numeric: true });
  return [...things].sort((one, other) => order.compare(one.name, other.name));
}

/** The name of a country or language in the spoken language: `Italy`, `German`. */
export function named(code: string, type: 'region' | 'language'): string {
  try {
    return new Intl.DisplayNames(locale(), { type }).of(code) ?? code;
  } catch {
    return code;
  }
}
