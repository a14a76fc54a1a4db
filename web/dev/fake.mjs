// A pretend server for looking at screens while working on the app: not part of the product, keeps everything in
// memory and checks next to nothing. `node dev/fake.mjs [port]`, then `PARLOIR_API=http://127.0.0.1:PORT npm run dev`,
// or open it directly once `npm run build` has run. Sign in with any address and the password "demo".
import { createServer } from 'node:http';
import { readFileSync, existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { world } from './world.mjs';

const port = Number(process.argv[2] ?? 8080);
const empty = process.argv.includes('--empty');
const dist = new URL('../dist/', import.meta.url).pathname;
const state = world(empty, `http://127.0.0.1:${port}/phone`);
const log = [];
const streams = new Set();
let seq = 100;
let serial = 1000;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const id = (prefix) => `${prefix}_${String((serial += 1)).padStart(8, '0')}`;

function emit(type, data, kept = true) {
  if (kept) seq += 1;
  const frame = `${kept ? `id: ${seq}\n` : ''}event: ${type}\ndata: ${JSON.stringify({ seq: kept ? seq : 0, type, data })}\n\n`;
  if (kept) log.push({ seq, frame });
  for (const stream of streams) stream.write(frame);
}

async function whole(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
}

const rendered = (conversation) => ({ ...conversation, last_message: state.messages[conversation.id]?.at(-1) ?? null });

function write(conversation, message) {
  const whole = {
    id: id('msg'), seq: (state.messages[conversation.id]?.length ?? 0) + 1, cards: [], buttons: [], conversation_id: conversation.id, attachments: [], failure: null, reply_to: null, reactions: [],
    edited_at: null, removed_at: null, created_at: new Date().toISOString(), text: null, ...message,
  };
  (state.messages[conversation.id] ??= []).push(whole);
  conversation.active_at = whole.created_at;
  if (whole.direction === 'incoming') conversation.unread_count += 1;
  emit('message.created', whole);
  emit('conversation.updated', rendered(conversation));
  return whole;
}

async function deliver(conversation, message) {
  for (const [after, change] of [[500, 'sent'], [900, 'delivered'], [1500, 'read']]) {
    await sleep(after);
    if (/\bfail\b/.test(message.text ?? '')) change === 'sent' && Object.assign(message, { state: 'failed', failure: { code: 'blocked', detail: 'The contact has blocked this bot.' } });
    else message.state = change;
    emit('message.updated', { ...message });
    if (message.state === 'failed') return;
  }
  emit('conversation.updated', rendered(conversation));
}

const routes = [
  ['GET', /^\/me$/, () => ({ ...state.me, csrf: 'c' })],
  ['GET', /^\/members$/, () => ({ data: state.members, next: null })],
  ['GET', /^\/conversations$/, (_, query) => {
    const status = query.get('status');
    const assignee = query.get('assignee');
    const data = state.conversations
      .filter((one) => (!status || one.status === status) && (!assignee || (assignee === 'none' ? !one.assignee_id : one.assignee_id === assignee)))
      .map(rendered)
      .sort((one, other) => ((one.last_message?.created_at ?? '') < (other.last_message?.created_at ?? '') ? 1 : -1));
    return { data, next: null };
  }],
  ['GET', /^\/conversations\/([^/]+)$/, ([one]) => rendered(state.conversation(one))],
  ['PATCH', /^\/conversations\/([^/]+)$/, ([one], _, { read, ...change }) => {
    const conversation = Object.assign(state.conversation(one), change, read ? { unread_count: 0 } : {});
    emit('conversation.updated', rendered(conversation));
    return rendered(conversation);
  }],
  ['GET', /^\/conversations\/([^/]+)\/messages$/, ([one], query) => {
    const all = state.messages[one] ?? [];
    const end = Number(query.get('cursor') ?? all.length);
    const start = Math.max(0, end - Number(query.get('limit') ?? 50));
    return { data: all.slice(start, end), next: start > 0 ? String(start) : null };
  }],
  ['POST', /^\/conversations\/([^/]+)\/messages$/, ([one], _, body) => {
    const conversation = state.conversation(one);
    if (conversation.window?.open_until && conversation.window.open_until < new Date().toISOString() && !body.note) {
      return [409, { title: 'Window closed', status: 409, code: 'window_closed', detail: 'More than 24 hours have passed since their last message; only an approved template may be sent now.' }];
    }
    const message = write(conversation, {
      direction: body.note ? 'note' : 'outgoing', author: { kind: 'member', id: state.me.member.id, name: state.me.member.name },
      text: body.text ?? null, state: body.note ? 'sent' : 'queued', reply_to: body.reply_to ?? null,
      attachments: (body.attachments ?? []).map((file) => state.files[file].about),
    });
    if (!body.note) void deliver(conversation, message);
    return [201, { ...message }];
  }],
  ['POST', /^\/messages\/([^/]+)\/retries$/, ([one]) => {
    const message = Object.values(state.messages).flat().find((it) => it.id === one);
    Object.assign(message, { state: 'queued', failure: null });
    emit('message.updated', { ...message });
    void deliver(state.conversation(message.conversation_id), message);
    return { ...message };
  }],
  ['POST', /^\/conversations\/([^/]+)\/typing$/, () => [204]],
  ['GET', /^\/contacts\/([^/]+)$/, ([one]) => state.contact(one)],
  ['DELETE', /^\/contacts\/([^/]+)$/, ([one]) => {
    state.conversations = state.conversations.filter((conversation) => conversation.contact.id !== one);
    emit('contact.erased', { id: one });
    return [202, { id: id('era'), state: 'running' }];
  }],
  ['GET', /^\/search$/, (_, query) => ({ data: state.search(query.get('q') ?? '', rendered), next: null })],
  ['GET', /^\/channels$/, () => ({ data: state.channels, next: null })],
  ['GET', /^\/channels\/kinds$/, () => ({ data: state.kinds, next: null })],
  ['POST', /^\/channels$/, (_, __, body) => {
    const missing = state.kinds.find((kind) => kind.kind === body.kind).settings.filter((one) => one.required && !one.generated && !body.settings[one.key]);
    if (missing.length) return [422, { title: 'Not valid', status: 422, code: 'invalid', detail: 'Something is missing.', fields: Object.fromEntries(missing.map((one) => [`settings.${one.key}`, 'This is needed.'])) }];
    const channel = { id: id('chn'), kind: body.kind, name: body.name, state: 'ready', hook_url: `http://127.0.0.1:${port}/hooks/${id('chn')}` };
    state.channels.push(channel);
    return [201, body.kind === 'api' ? { ...channel, shown_once: { signing_secret: 'whsec_ZmFrZSBzZWNyZXQgZm9yIGxvb2tpbmc=' } } : channel];
  }],
  ['DELETE', /^\/channels\/([^/]+)$/, ([one]) => ((state.channels = state.channels.filter((channel) => channel.id !== one)), [204])],
];

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://fake');
  if (!url.pathname.startsWith('/api/v1')) return page(url.pathname, request, response);
  const path = url.pathname.slice('/api/v1'.length);
  const raw = await whole(request);
  const signedIn = /parloir_session=/.test(request.headers.cookie ?? '');
  const json = (status, body, headers = {}) => {
    response.writeHead(status, { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json', ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  if (path === '/session' && request.method === 'POST') {
    if (JSON.parse(raw).password !== 'demo') return json(401, { title: 'Wrong', status: 401, code: 'wrong_credentials', detail: 'The e-mail address or the password is not right.' });
    return json(200, { ...state.me, csrf: 'c' }, { 'Set-Cookie': 'parloir_session=1; HttpOnly; Path=/' });
  }
  if (!signedIn) return json(401, { title: 'Sign in', status: 401, code: 'unauthenticated' });
  if (path === '/session') return json(204, undefined, { 'Set-Cookie': 'parloir_session=; Max-Age=0; Path=/' });
  if (path === '/events') return stream(request, response);
  if (request.method !== 'GET' && request.headers['x-csrf-token'] !== 'c') return json(403, { title: 'CSRF', status: 403, code: 'csrf' });
  if (path === '/attachments') return json(201, state.keep(id('att'), raw, request.headers['content-type']));
  if (path.startsWith('/attachments/')) return file(path.split('/')[2], response);
  for (const [method, pattern, run] of routes) {
    const match = method === request.method && pattern.exec(path);
    if (!match) continue;
    const answer = run(match.slice(1), url.searchParams, raw.length ? JSON.parse(raw) : {});
    return Array.isArray(answer) ? json(...answer) : json(200, answer);
  }
  json(404, { title: 'Not found', status: 404, code: 'not_found' });
}).listen(port, '127.0.0.1', () => console.log(`fake on http://127.0.0.1:${port}`));

function stream(request, response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write(': hello\n\n');
  const last = Number(request.headers['last-event-id'] ?? 0);
  if (last) for (const { seq: number, frame } of log) if (number > last) response.write(frame);
  streams.add(response);
  const beat = setInterval(() => response.write(': beat\n\n'), 15_000);
  request.on('close', () => (streams.delete(response), clearInterval(beat)));
}

function file(name, response) {
  const found = state.files[name];
  if (!found) return response.writeHead(404).end();
  response.writeHead(200, { 'Content-Type': found.about.content_type, 'Cache-Control': 'private, max-age=3600' });
  response.end(found.bytes);
}

const PHONE = `<!doctype html><meta charset=utf-8><title>Phone</title><form method=post><input name=text aria-label=Message autofocus><button>Send</button></form>`;
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.html': 'text/html; charset=utf-8' };

async function page(path, request, response) {
  if (path === '/phone') {
    if (request.method === 'POST') await phone(String(await whole(request)));
    return response.writeHead(200, { 'Content-Type': 'text/html' }).end(PHONE);
  }
  if (path === '/dev/drop') {
    for (const one of streams) one.destroy();
    return response.writeHead(204).end();
  }
  const name = path === '/' ? 'index.html' : path.slice(1);
  const where = join(dist, name);
  if (!where.startsWith(dist) || !existsSync(where)) return response.writeHead(404).end();
  response.writeHead(200, { 'Content-Type': TYPES[extname(where)] ?? 'application/octet-stream', 'Content-Security-Policy': "default-src 'self'; style-src 'self' 'unsafe-inline'" });
  response.end(readFileSync(where));
}

async function phone(form) {
  const text = new URLSearchParams(form).get('text') ?? '';
  const conversation = state.conversations[0];
  emit('typing', { conversation_id: conversation.id, on: true, author: { kind: 'contact', id: conversation.contact.id, name: conversation.contact.name } }, false);
  await sleep(700);
  write(conversation, { direction: 'incoming', author: { kind: 'contact', id: conversation.contact.id, name: conversation.contact.name }, text, state: 'received' });
}
