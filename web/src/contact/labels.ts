/** Labels as the server takes them: at most 50, each of 1 to 60 characters, told apart by their letters alone. */
export const LONGEST = 60;
const MOST = 50;

/** What is there with what was typed, which may be several with commas between them. */
export function withLabels(there: readonly string[], typed: string): string[] {
  const all = [...there];
  for (const word of typed.split(',').map((one) => one.trim().slice(0, LONGEST).trim())) {
    const known = all.some((label) => label.toLowerCase() === word.toLowerCase());
    if (word && !known && all.length < MOST) all.push(word);
  }
  return all;
}
