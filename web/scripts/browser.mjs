// Starts the system's own Chromium; never downloads one.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const ARGUMENTS = ['--no-sandbox', '--disable-dev-shm-usage', '--font-render-hinting=none'];

export function launch() {
  return chromium.launch({ executablePath: program(), args: ARGUMENTS });
}

/** One that keeps what it is given in a folder, as a member's own does. */
export function launchKept(folder, look) {
  return chromium.launchPersistentContext(folder, { executablePath: program(), args: ARGUMENTS, ...look });
}

function program() {
  const known = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const executablePath = known.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('No Chromium found. Install it (Debian: apt install chromium) or set CHROMIUM to its path.');
  return executablePath;
}

export async function signIn(page, { url, email, password }) {
  await page.goto(url);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  // A drawer on a phone: there, but not in sight.
  await page.locator('nav').first().waitFor({ state: 'attached' });
}
