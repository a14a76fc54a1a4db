// What the browser tests share: steps that are told and counted one by one, and waiting for what is to come.

/** Nothing that comes by itself takes longer (ms), on however slow a machine. */
export const LONG = 30_000;
/** Told apart from what other runs left behind. */
export const mark = Math.random().toString(36).slice(2, 8);

let passed = 0;
let failed = 0;

/** `afterwards`: so that what follows a failure begins where it would have begun. */
export async function step(name, run, afterwards = async () => {}) {
  try {
    await run();
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (reason) {
    failed += 1;
    console.log(`FAILED  ${name}\n        ${String(reason?.message ?? reason).split('\n').slice(0, 8).join('\n        ')}`);
    await afterwards().catch(() => {});
  }
}

export function insist(condition, why) {
  if (!condition) throw new Error(why);
}

/** What `look` finds, once it finds something. */
export async function until(what, look, patience = LONG) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`It did not happen: ${what}`);
    await new Promise((over) => setTimeout(over, 50));
  }
}

/** What a page throws, and what its policy stops. */
export function complaintsOf(page, complaints = []) {
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (line) => /Content Security Policy|Refused to/.test(line.text()) && complaints.push(line.text()));
  return complaints;
}

/** Says how it went, and ends. */
export function ended() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed > 0 ? 1 : 0);
}
