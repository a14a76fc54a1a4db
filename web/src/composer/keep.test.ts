import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Problem } from '../api/problem';
import { EMPTY, Keeper, merged, type Content, type Kept, type Store } from './keep';

const content = (text: string, more: Partial<Content> = {}): Content => ({ ...EMPTY, text, ...more });
const settled = () => new Promise((done) => setTimeout(done));

/** A server with one draft, and windows that write into it. */
class Server implements Store {
  kept: Kept | null = null;
  failing = false;
  calls: string[] = [];

  async draft(): Promise<Kept | null> {
    if (this.failing) throw Problem.offline();
    this.calls.push('read');
    return this.kept;
  }

  async keepDraft(_: string, draft: Content): Promise<Kept> {
    if (this.failing) throw Problem.offline();
    this.calls.push(`keep ${draft.text}`);
    return (this.kept = { ...draft, updated_at: String(this.calls.length) });
  }

  async dropDraft(): Promise<void> {
    if (this.failing) throw Problem.offline();
    this.calls.push('drop');
    this.kept = null;
  }
}

class Window {
  now = EMPTY;
  due: (() => void)[] = [];
  readonly keeper: Keeper;

  constructor(server: Server) {
    this.keeper = new Keeper('cnv_1', server, { content: () => this.now, take: (taken) => (this.now = taken) }, {
      later: (_, run) => {
        this.due.push(run);
        return () => (this.due = this.due.filter((one) => one !== run));
      },
    });
  }

  write(text: string): void {
    this.now = content(text);
    this.keeper.changed();
  }

  /** Lets pass whatever was waited for, until nothing is. */
  async rest(): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      await settled();
      const run = this.due.shift();
      if (!run) return;
      run();
    }
    throw new Error('It never comes to rest.');
  }
}

test('many keys are one call, and an empty field takes the draft away', async () => {
  const server = new Server();
  const window = new Window(server);
  await window.keeper.open();
  for (const text of ['H', 'He', 'Hel']) window.write(text);
  await window.rest();
  expect(server.calls).toEqual(['read', 'read', 'keep Hel']);
  window.write(' ');
  await window.rest();
  expect(server.calls.slice(3)).toEqual(['read', 'drop']);
});

test('what was written before the server was asked is joined with what it had', async () => {
  const server = new Server();
  server.kept = { ...content('From the phone'), updated_at: '1' };
  const window = new Window(server);
  window.write('From the desk');
  await window.rest();
  expect(window.now.text).toBe('From the phone\n\nFrom the desk');
  expect(server.kept.text).toBe(window.now.text);
});

test('what it is about is joined, too: nothing said here gives way to what was said there', () => {
  const base = content('Hello');
  expect(merged(content('Hello'), content('Hello', { subject: 'Order 7' }), base).subject).toBe('Order 7');
  expect(merged(content('Hello, you'), content('Hello', { subject: 'Order 7' }), base).subject).toBe('Order 7');
  expect(merged(content('Hello', { subject: 'Here' }), content('Hello', { subject: 'There' }), base).subject).toBe('Here');
  expect(merged(content('', { subject: 'Here' }), base, base)).toEqual(content('', { subject: 'Here' }));
});

test('while a message is on its way its draft stays, and goes once it was taken', async () => {
  const server = new Server();
  const window = new Window(server);
  await window.keeper.open();
  window.write('Hello');
  await window.rest();
  let taken = () => {};
  window.now = EMPTY;
  window.keeper.sending(new Promise<void>((done) => (taken = done)));
  window.keeper.changed();
  await window.rest();
  expect(server.kept?.text).toBe('Hello');
  taken();
  await window.rest();
  expect(server.kept).toBeNull();
});

test('without a connection nothing is lost, and with it everything is kept', async () => {
  const server = new Server();
  const window = new Window(server);
  await window.keeper.open();
  server.failing = true;
  window.write('Hello');
  for (let at = 0; at < 3; at += 1) {
    await settled();
    window.due.shift()?.();
  }
  await settled();
  expect([window.now.text, server.kept]).toEqual(['Hello', null]);
  server.failing = false;
  await window.rest();
  expect(server.kept?.text).toBe('Hello');
});

test('whatever two windows do, in the end both show what the server has, and no word is lost', async () => {
  const step = fc.record({ window: fc.nat(1), does: fc.constantFrom('write', 'rest', 'open', 'break', 'mend') });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const server = new Server();
      const windows = [new Window(server), new Window(server)] as const;
      for (const window of windows) await window.keeper.open();
      let count = 0;
      const words: string[] = [];
      for (const { window: at, does } of steps) {
        const window = windows[at] as Window;
        if (does === 'write') {
          const word = `word${(count += 1)}.`;
          words.push(word);
          window.write(`${window.now.text}${word}`);
        } else if (does === 'open') await window.keeper.open();
        else if (does === 'rest' && !server.failing) await window.rest();
        else if (does === 'break' || does === 'mend') server.failing = does === 'break';
      }
      server.failing = false;
      for (let round = 0; round < 3; round += 1) {
        for (const window of windows) {
          await window.keeper.open();
          await window.rest();
        }
      }
      expect(windows[0].now.text).toBe(server.kept?.text ?? '');
      expect(windows[1].now.text).toBe(server.kept?.text ?? '');
      for (const word of words) expect(server.kept?.text).toContain(word);
    }),
    { numRuns: 200 },
  );
});

test('where both sides wrote, nobody’s words are lost', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (here, there, base) => {
      const both = merged(content(here), content(there), content(base)).text;
      if (here.trim() && here !== base) expect(both).toContain(here.trim());
      if (there.trim() && there !== base) expect(both).toContain(there.trim());
    }),
  );
  expect(merged(content('a', { attachment_ids: ['att_1'] }), content('b', { attachment_ids: ['att_2'] }), EMPTY)).toEqual(content('b\n\na', { attachment_ids: ['att_2', 'att_1'] }));
  expect(merged(content('Hello you'), content('Hello'), EMPTY).text).toBe('Hello you');
  // Sent elsewhere: it is gone there, and untouched here.
  expect(merged(content('Hello'), EMPTY, content('Hello'))).toEqual(EMPTY);
});
