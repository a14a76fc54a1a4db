import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Message, MessagePage, NewMessage } from '../api/model';
import { Problem } from '../api/problem';
import { message } from './message.fixture';
import { Thread, type Outgoing } from './thread.svelte';

const text = (thread: Thread) => thread.messages.map((one) => one.text);
/** As many as the server tells at once. */
const SIZE = 3;
const words = (text: string, note: boolean): Outgoing => ({ text, note, attachments: [], replyTo: null });
const settled = () => new Promise((done) => setTimeout(done));

/** A server that keeps messages, pages them, and can be told to fail. */
class Desk {
  seq = 0;
  all: Message[] = [];
  sent: { body: NewMessage; key: string }[] = [];
  failures: Problem[] = [];
  keys = 0;
  readonly thread = new Thread('cnv_1', this, () => this.seq, { now: () => '2026-03-01T12:00:00Z', key: () => `key ${(this.keys += 1)}` });

  async messages(_: string, { cursor, after, around }: { cursor?: string; after?: string; around?: string }): Promise<MessagePage> {
    const middle = this.all.findIndex((one) => one.id === around);
    const end = Math.min(this.all.length, around ? middle + 2 : cursor ? Number(cursor) : after ? Number(after) + SIZE : this.all.length);
    const start = around ? Math.max(0, middle - 1) : after ? Number(after) : Math.max(0, end - SIZE);
    return { data: this.all.slice(start, end), next: start > 0 ? String(start) : null, newer: end < this.all.length ? String(end) : null };
  }

  async send(_: string, body: NewMessage, key: string): Promise<Message> {
    const failure = this.failures.shift();
    if (failure) throw failure;
    this.sent.push({ body, key });
    return this.write(body.text ?? '');
  }

  async retry(id: string): Promise<Message> {
    return { ...this.find(id), state: 'queued', failure: null };
  }

  async edit(id: string, words: string): Promise<Message> {
    return { ...this.find(id), text: words, edited_at: '2026-03-01T12:00:01Z' };
  }

  async takeBack(id: string): Promise<void> {
    this.find(id).removed_at = '2026-03-01T12:00:01Z';
  }

  find(id: string): Message {
    return this.all.find((one) => one.id === id) as Message;
  }

  write(words: string): Message {
    const at = String(this.all.length).padStart(3, '0');
    const made = message({ id: `msg_${at}`, seq: this.all.length, text: words });
    this.all.push(made);
    this.seq += 1;
    return made;
  }
}

test('pages and events in any interleaving leave no gap and no double', async () => {
  const steps = fc.array(fc.constantFrom('write', 'older', 'later', 'jump', 'again', 'repeat'), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fc.nat(12), steps, async (before, does) => {
      const desk = new Desk();
      for (let at = 0; at < before; at += 1) desk.write(`m${at}`);
      const loading = desk.thread.load();
      const told: [Message, number][] = [];
      for (const step of does) {
        if (step === 'write') {
          const made = desk.write(`m${desk.all.length}`);
          told.push([made, desk.seq]);
          desk.thread.arrived(made, desk.seq, 'somebody else');
        } else if (step === 'repeat') for (const [made, seq] of told) desk.thread.arrived(made, seq, 'somebody else');
        else if (step === 'older') await desk.thread.older();
        else if (step === 'later') await desk.thread.later();
        else if (step === 'jump' && desk.all.length > 0) await desk.thread.goTo(desk.all[Math.floor(desk.all.length / 3)]?.id ?? '');
        else await desk.thread.load();
      }
      await loading;
      await settled();
      // At any moment it is one stretch without a hole.
      const seqs = desk.thread.messages.map((one) => one.seq);
      expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, at) => (seqs[0] ?? 0) + at));
      while (desk.thread.newer) await desk.thread.later();
      while (desk.thread.next) await desk.thread.older();
      expect(text(desk.thread)).toEqual(desk.all.map((one) => one.text));
    }),
    { numRuns: 60 },
  );
});

test('after a long absence the newest page replaces what it does not touch', async () => {
  const desk = new Desk();
  desk.write('old');
  await desk.thread.load();
  for (let at = 0; at < 5; at += 1) desk.write(`new ${at}`);
  await desk.thread.load();
  expect(text(desk.thread)).toEqual(['new 2', 'new 3', 'new 4']);
  await desk.thread.older();
  expect(text(desk.thread)).toEqual(['old', 'new 0', 'new 1', 'new 2', 'new 3', 'new 4']);
});

test('what is sent is shown once, whether the stream or the answer comes first', async () => {
  const desk = new Desk();
  await desk.thread.load();
  desk.thread.send(words('Hi', false));
  expect(desk.thread.unconfirmed).toHaveLength(1);
  const [made] = desk.all;
  desk.thread.arrived(made as Message, desk.seq, 'mbr_1');
  expect(desk.thread.unconfirmed).toHaveLength(0);
  await settled();
  expect(desk.thread.pending).toHaveLength(0);
  expect(text(desk.thread)).toEqual(['Hi']);
});

test('a passing failure keeps the order, and the retry carries the same key', async () => {
  const desk = new Desk();
  desk.failures = [Problem.offline()];
  desk.thread.send(words('one', false));
  desk.thread.send(words('two', false));
  await settled();
  expect(desk.sent).toHaveLength(0);
  expect(desk.thread.unconfirmed.map((one) => one.text)).toEqual(['one', 'two']);
  desk.thread.retry();
  await settled();
  expect(desk.sent.map((one) => [one.body.text, one.key])).toEqual([['one', 'key 1'], ['two', 'key 2']]);
});

test('what failed at the channel is tried again as the same message', async () => {
  const desk = new Desk();
  const made = desk.write('Hi');
  desk.thread.arrived({ ...made, state: 'failed', failure: { code: 'x', detail: '' } }, desk.seq, 'mbr_1');
  await desk.thread.again(made);
  expect(desk.thread.messages.map((one) => one.state)).toEqual(['queued']);
});

test('a refusal stays to be edited, and what was written after it goes', async () => {
  const desk = new Desk();
  desk.failures = [new Problem(409, 'window_closed', 'Closed.')];
  desk.thread.send(words('one', false));
  desk.thread.send(words('a note', true));
  await settled();
  expect(desk.sent.map((one) => one.body)).toEqual([{ text: 'a note', note: true }]);
  expect(desk.thread.pending.map((one) => one.problem?.code)).toEqual(['window_closed']);
  desk.thread.retry();
  await settled();
  expect(desk.sent).toHaveLength(1);
});

test('an edit is shown as answered, and what is taken back leaves a mark and no words', async () => {
  const desk = new Desk();
  const made = desk.write('Helo');
  await desk.thread.load();
  await desk.thread.edit(made, 'Hello');
  expect(text(desk.thread)).toEqual(['Hello']);
  await desk.thread.takeBack(made);
  expect(desk.thread.messages).toMatchObject([{ id: made.id, text: null, removed_at: '2026-03-01T12:00:00Z' }]);
});

test('a reaction goes as a message with a key of its own', async () => {
  const desk = new Desk();
  const made = desk.write('Hello');
  await desk.thread.react(made, '👍');
  await desk.thread.react(made, null);
  expect(desk.sent.map(({ body }) => body.reaction)).toEqual([{ message_id: made.id, emoji: '👍' }, { message_id: made.id, emoji: null }]);
  expect(new Set(desk.sent.map(({ key }) => key)).size).toBe(2);
});

test('a message that turned out to be another is shown no longer', async () => {
  const desk = new Desk();
  desk.write('sent from here');
  const twice = desk.write('sent from here');
  await desk.thread.load();
  desk.thread.gone(twice.id);
  desk.thread.gone('msg_of_which_nothing_is_known');
  expect(desk.thread.messages.map((one) => one.id)).toEqual(['msg_000']);
});
