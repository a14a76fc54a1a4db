// Kills a server without warning while a visitor of a website writes, and starts it again: nothing is lost on either side, and
// nothing comes twice.
//   node e2e/restart.mjs PROGRAM
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from '../scripts/browser.mjs';

const [program] = process.argv.slice(2);
const PASSWORD = 'a password for the browser test';
const LONG = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'parloir-restart-'));
const data = ['--data', join(folder, 'data')];
const until = async (look) => {
  for (const end = Date.now() + LONG; Date.now() < end; ) {
    const found = await look().catch(() => null);
    if (found) return found;
    await new Promise((over) => setTimeout(over, 50));
  }
  throw new Error('It did not happen.');
};
const listens = (server) => new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(server.address().port)));

// A port that is free now, to be the same after the restart.
const probe = createServer();
const port = await listens(probe);
await new Promise((over) => probe.close(over));
const url = `http://127.0.0.1:${port}`;

const quiet = { stdio: ['pipe', 'pipe', 'ignore'] };
const workspace = /wsp_\w+/.exec(String(execFileSync(program, ['workspace', 'create', ...data, '--name', 'Shop'], quiet)))[0];
execFileSync(program, ['member', 'add', ...data, '--workspace', workspace, '--email', 'a@example.org', '--name', 'Marco', '--role', 'owner', '--password-stdin'], { ...quiet, input: `${PASSWORD}\n` });
let running = await start();
async function start() {
  const started = spawn(program, ['serve', ...data, '--listen', `127.0.0.1:${port}`], { stdio: 'ignore' });
  await until(async () => (await fetch(`${url}/health/live`)).status < 500);
  return started;
}

let failed = 0;
const browser = await launch();
const site = createServer((_, answer) => answer.writeHead(200, { 'content-type': 'text/html' }).end(page));
let page = '';
try {
  await tried();
  console.log('ok      a server that is killed while a visitor writes loses nothing, and nothing comes twice');
} catch (reason) {
  failed = 1;
  console.log(`FAILED  a server is killed while a visitor writes\n        ${reason?.message ?? reason}`);
}
await browser.close();
site.close();
running.kill('SIGKILL');
rmSync(folder, { recursive: true, force: true });
console.log(`${1 - failed} passed, ${failed} failed`);
process.exit(failed);

async function tried() {
  const opened = await fetch(`${url}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json', origin: url }, body: JSON.stringify({ email: 'a@example.org', password: PASSWORD }) });
  const cookie = opened.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
  const { csrf } = await opened.json();
  const call = async (method, path, body) => {
    const headers = { cookie, 'x-csrf-token': csrf, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID(), origin: url };
    return (await fetch(`${url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) })).json();
  };
  const origin = `http://127.0.0.1:${await listens(site)}`;
  const channel = await call('POST', '/channels', { kind: 'web', name: 'Site', settings: { allowed_origins: [origin] } });
  page = `<!doctype html><html lang="en"><title>A shop</title><script async src="${url}/widget.js" data-channel="${channel.id}"></script><h1>A shop</h1></html>`;

  const tab = await browser.newPage({ locale: 'en-GB' });
  tab.setDefaultTimeout(LONG);
  await tab.goto(origin);
  await tab.locator('.launcher').click();
  const write = async (text) => {
    await tab.getByRole('textbox').fill(text);
    await tab.getByRole('textbox').press('Enter');
  };
  const taken = (text) => tab.locator('.line.own', { has: tab.locator('.state'), hasText: text }).waitFor();
  await write('before');
  await taken('before');
  running.kill('SIGKILL');
  for (const text of ['one', 'two', 'three']) await write(text);
  await tab.locator('.banner', { hasText: 'Reconnecting' }).waitFor();
  running = await start();
  await taken('three');
  const conversation = await until(async () => (await call('GET', '/conversations')).data.find((one) => one.last_message?.text === 'three'));
  await call('POST', `/conversations/${conversation.id}/messages`, { text: 'after' });
  await tab.locator('.bubble', { hasText: 'after' }).waitFor();
  await tab.locator('.banner').waitFor({ state: 'hidden' });
  const texts = (await call('GET', `/conversations/${conversation.id}/messages?limit=50`)).data.map((one) => one.text).join();
  if (texts !== 'before,one,two,three,after') throw new Error(texts);
  const shown = (await tab.locator('.bubble p').allTextContents()).join();
  if (shown !== texts) throw new Error(`The visitor sees ${shown}`);
}
