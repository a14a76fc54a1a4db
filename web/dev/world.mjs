// The pretend server's few conversations, members and channels.
import { deflateSync } from 'node:zlib';

const now = Date.now();
const ago = (minutes) => new Date(now - minutes * 60_000).toISOString();
const KINDS = [
  { kind: 'telegram', label: 'Telegram', help: 'Write to @BotFather on Telegram, create a bot and paste its token here.', settings: [
    { key: 'bot_token', label: 'Bot token', help: 'Looks like 123456789:AAE…', secret: true, required: true, type: 'text' }] },
  { kind: 'web', label: 'Web chat', help: 'A chat on your own site. One line of HTML puts it there.', settings: [
    { key: 'allowed_origins', label: 'Allowed origins', help: 'Sites that may show the chat, one on each line.', secret: false, required: true, type: 'list' },
    { key: 'welcome', label: 'Welcome', help: 'The first words a visitor sees.', secret: false, required: false, type: 'text' },
    { key: 'identity_secret', label: 'Identity secret', help: 'Signs who a visitor is. Made for you if left empty.', secret: true, required: false, generated: true, type: 'text' }] },
  { kind: 'api', label: 'API', help: 'Your own system writes and reads messages over HTTP.', settings: [
    { key: 'webhook_url', label: 'Webhook address', help: 'Where replies are posted to.', secret: false, required: true, type: 'url' }] },
];

export function world(empty, phone_url) {
  const members = [['mbr_1', 'Ada Okafor', 'owner'], ['mbr_2', 'Jonas Weber', 'agent'], ['mbr_3', 'Lucía Romero', 'agent']]
    .map(([id, name, role]) => ({ id, name, role }));
  const channels = [
    { id: 'chn_tg', kind: 'telegram', name: 'Shop bot', state: 'ready', hook_url: 'https://desk.example/hooks/chn_tg' },
    { id: 'chn_web', kind: 'web', name: 'Website', state: 'ready', hook_url: null },
    { id: 'chn_api', kind: 'api', name: 'Order system', state: 'needs_attention', state_reason: 'unreachable', hook_url: 'https://desk.example/hooks/chn_api' },
  ];
  const files = { att_jug: { about: { id: 'att_jug', name: 'jug.png', content_type: 'image/png', size: 48213, url: '/api/v1/attachments/att_jug' }, bytes: picture(480, 320) },
    att_pdf: { about: { id: 'att_pdf', name: 'Invoice 2041.pdf', content_type: 'application/pdf', size: 182340, url: '/api/v1/attachments/att_pdf' }, bytes: Buffer.from('%PDF-1.4') } };
  const contacts = {};
  const messages = {};
  const conversations = [];
  const me = { member: { ...members[0], email: 'ada@example.com' }, workspace: { id: 'wsp_1', name: 'Maison Verte' }, demo: { phone_url } };
  const add = (id, channel_id, name, identities, more, said) => {
    const contact = { id: `con_${id}`, name, identities: identities.map(([kind, value]) => ({ channel_id, kind, value })), attributes: {}, created_at: ago(60 * 24 * 40) };
    contacts[contact.id] = contact;
    conversations.push({ id: `cnv_${id}`, channel_id, contact: { id: contact.id, name }, status: 'open', assignee_id: null, team_id: null, priority: null, labels: [], unread_count: 0, window: null, created_at: ago(4000), ...more });
    conversations.at(-1).active_at = ago(said.at(-1)[1]);
    messages[`cnv_${id}`] = said.map(([who, minutes, text, extra], at) => {
      const member = members.find((one) => one.id === who);
      const author = member ? { kind: 'member', id: member.id, name: member.name } : { kind: 'contact', id: contact.id, name };
      const direction = extra?.direction ?? (member ? 'outgoing' : 'incoming');
      return { seq: at, cards: [], buttons: [], id: `msg_${id}_${String(at).padStart(4, '0')}`, conversation_id: `cnv_${id}`, direction, author, text, attachments: [], state: direction === 'incoming' ? 'received' : 'read', failure: null, reply_to: null, reactions: [], edited_at: null, removed_at: null, created_at: ago(minutes), ...extra };
    });
  };
  if (!empty) fill(add, files);
  const state = {
    me, members, channels: empty ? [] : channels, kinds: KINDS, files, contacts, messages, conversations,
    conversation: (id) => state.conversations.find((one) => one.id === id),
    contact: (id) => contacts[id],
    search: (q, rendered) => search(state, q, rendered),
    keep: (id, body, type) => keep(files, id, body, type),
  };
  return state;
}

function fill(add, files) {
  const c = 'c';
  const note = { direction: 'note', state: 'sent' };
  add('1', 'chn_tg', 'Marta Lindqvist', [['telegram_username', '@martal'], ['telegram_id', '481516234']], { unread_count: 2, assignee_id: 'mbr_1', labels: ['order', 'damaged'], priority: 'high' }, [
    [c, 1560, 'Hello! Do you ship the stoneware jugs to Sweden?'],
    ['mbr_1', 1553, 'Hej Marta, we do. Three to four working days, and it is 9 € for the first jug.'],
    [c, 1550, 'Perfect, just ordered two.', { reactions: [{ emoji: '🎉', author_kind: 'member', author_id: 'mbr_1' }] }],
    [c, 52, 'The parcel came today. One jug is lovely, the other one has a crack along the handle 😕'],
    [c, 51, null, { attachments: [files.att_jug.about] }],
    ['mbr_2', 47, 'Third cracked handle from the March kiln this week. I told the pottery.', note],
    ['mbr_1', 44, 'Oh no, I am sorry, Marta. A new one leaves tomorrow morning, nothing to pay and no need to send the cracked one back.', { reply_to: 'msg_1_0003' }],
    ['mbr_1', 43, 'Is this still the right address for you?', { place: { latitude: 59.3326, longitude: 18.0649, name: 'Home', address: 'Drottninggatan 33, Stockholm' } }],
    [c, 6, 'Yes, that is right. Thank you so much!', { edited_at: ago(5) }],
    [c, 4, 'Could you put in a card? It is a present for my sister.'],
  ]);
  add('2', 'chn_web', 'Tomás Herrera', [['email', 'tomas@example.com'], ['web_visitor', 'v-71c2']], { unread_count: 1 }, [
    [c, 19, 'Hi, my discount code SPRING10 is not accepted at checkout.'],
    [c, 18, 'It says it is expired but the mail says until Sunday.']]);
  add('3', 'chn_api', 'Nordlicht Hotel', [['external_id', 'customer-2041'], ['email', 'einkauf@example.org']], { assignee_id: 'mbr_2' }, [
    [c, 300, 'We would like to reorder 40 breakfast bowls, same glaze as last year.'],
    ['mbr_2', 170, 'Certainly. Here is the invoice for the deposit.', { attachments: [files.att_pdf.about] }],
    ['mbr_2', 130, 'One more question: would delivery in week 32 suit you?', { state: 'failed', failure: { code: 'outcome_unknown', detail: 'The connection was lost before the answer came.' } }]]);
  add('4', 'chn_tg', 'Ibrahim K.', [['telegram_id', '99120443']], { assignee_id: 'mbr_1' }, [
    [c, 420, 'Is the workshop on Saturday suitable for children?'],
    ['mbr_1', 400, 'From eight years on, yes. We have small wheels for them.', { state: 'delivered' }]]);
  add('5', 'chn_web', 'Claire Dubois', [['email', 'claire@example.net']], {}, [
    [c, 1500, 'Bonjour, avez-vous encore le grand plat bleu ?'],
    ['mbr_3', 1490, 'Bonjour Claire, oui, il en reste deux. Je vous en mets un de côté ?', { state: 'sent' }]]);
  add('6', 'chn_tg', 'Yuki Tanaka', [['telegram_username', '@yukit']], { assignee_id: 'mbr_3', labels: ['wholesale'] }, [
    [c, 2900, 'Please find my card, call any time.', { cards: [{ name: 'Yuki Tanaka', phones: ['+81 3 1234 5678'], emails: ['yuki@example.jp'] }] }],
    ['mbr_3', 2890, 'Thank you! Shall we talk on Thursday?', { buttons: [[{ label: 'Thursday 10:00' }, { label: 'Thursday 15:00' }]] }],
    [c, 2880, 'Thursday 15:00', { choice: 'thu15' }]]);
  add('7', 'chn_web', 'Visitor 8f2a', [['web_visitor', 'v-8f2a']], {}, [
    [c, 4400, 'what are your opening hours'], ['mbr_2', 4390, 'Tuesday to Saturday, ten to six.', { state: 'failed', failure: { code: 'blocked', detail: 'The visitor has left the site and gave no address.' } }]]);
  add('8', 'chn_tg', 'Paolo Conti', [['telegram_id', '5544']], { status: 'resolved' }, [[c, 9000, 'Grazie mille, arrivato tutto!'], ['mbr_1', 8990, 'Buona giornata, Paolo.']]);
  add('9', 'chn_tg', 'Astrid Holm', [['telegram_id', '77812']], {}, Array.from({ length: 180 }, (_, at) => [at % 3 ? c : 'mbr_3', 26000 - at * 37, ['Good morning', 'The second firing looks better than the first, the glaze has fewer pinholes.', 'Shall I send a picture?'][at % 3]]));
}

function search(state, q, rendered) {
  const wanted = q.trim().toLowerCase();
  if (!wanted) return [];
  const found = state.conversations.flatMap((conversation) => (state.messages[conversation.id] ?? [])
    .filter((message) => message.text?.toLowerCase().includes(wanted))
    .map((message) => {
      const before = Array.from(message.text.slice(0, message.text.toLowerCase().indexOf(wanted))).length;
      return { message, conversation: rendered(conversation), highlights: [{ text: message.text, spans: [[before, before + Array.from(wanted).length]] }] };
    }));
  return found.sort((one, other) => (one.message.created_at < other.message.created_at ? 1 : -1)).slice(0, 20);
}

function keep(files, id, body, type) {
  const boundary = `--${/boundary=(.+)$/.exec(type)[1]}`;
  const start = body.indexOf('\r\n\r\n') + 4;
  const head = body.subarray(0, start).toString();
  const bytes = body.subarray(start, body.indexOf(`\r\n${boundary}`, start));
  const about = { id, name: /filename="([^"]*)"/.exec(head)?.[1] ?? 'file', content_type: /Content-Type: (.+)/i.exec(head)?.[1].trim() ?? 'application/octet-stream', size: bytes.length, url: `/api/v1/attachments/${id}` };
  files[id] = { about, bytes };
  return about;
}

// A jug on a table, painted pixel by pixel into a PNG.
function picture(width, height) {
  const rows = [];
  for (let y = 0; y < height; y += 1) {
    const row = [0];
    for (let x = 0; x < width; x += 1) row.push(...pixel(x / width, y / height));
    rows.push(Buffer.from(row));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.concat(rows))), chunk('IEND', Buffer.alloc(0))]);
}

function pixel(x, y) {
  const handle = Math.hypot((x - 0.63) * 1.5, y - 0.5);
  const half = 0.13 + 0.05 * Math.sin((y - 0.2) * 4.5);
  const body = y > 0.2 && y < 0.82 && Math.abs(x - 0.48) < half;
  const crack = Math.abs(handle - 0.17) < 0.035 && x > 0.6 && Math.abs(y - 0.42 - 0.03 * Math.sin(x * 90)) < 0.006;
  const light = 1 - Math.max(0, x - 0.4) * 1.1;
  if (crack) return [60, 48, 42];
  if (body) return (y < 0.42 ? [92, 122, 138] : [206, 188, 164]).map((c) => Math.round(c * (0.72 + 0.28 * light)));
  if (x > 0.58 && Math.abs(handle - 0.17) < 0.035) return [118, 140, 150].map((c) => Math.round(c * (0.8 + 0.2 * light)));
  return y > 0.76 ? [176, 150, 122] : [228, 222, 212].map((c) => Math.round(c - 18 * y));
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  out.set(body, 4);
  out.writeUInt32BE(crc(body), body.length + 4);
  return out;
}

function crc(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}
