/** Numbers and the words that depend on them, by a language's own rules (CLDR, through Intl). */

/** Answers the form that fits `n`, with `n` written where the form says `#`. */
export function counter(language: string): (n: number, one: string, other: string) => string {
  const rules = new Intl.PluralRules(language);
  const digits = new Intl.NumberFormat(language);
  return (n, one, other) => (rules.select(n) === 'one' ? one : other).replace('#', digits.format(n));
}
