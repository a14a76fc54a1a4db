// What there must be for every screen to have something to show, besides what the demo brings.

/** Answers where it is: ids by what they are of, and the link of an invitation. */
export async function arrange(call) {
  const all = async (path) => (await call('GET', path)).data;
  const conversations = await all('/conversations?limit=100');
  const of = (name) => conversations.find(({ contact }) => contact?.name === name);
  const channels = Object.fromEntries((await all('/channels?limit=100')).map(({ kind, id }) => [kind, id]));
  const marco = (await all('/members?limit=100')).find(({ email }) => email.startsWith('marco'));

  const invited = await call('POST', '/members', { email: `nina-${Date.now()}@demo.example`, name: 'Nina Bassi', role: 'agent' });
  for (const [name, member_ids] of [['Shop', [marco.id]], ['Deliveries', []]]) await call('POST', '/teams', { name, member_ids }).catch(taken);
  const deliveries = (await all('/teams')).find(({ name }) => name === 'Deliveries');
  for (const [name, colour] of [['Order', '0'], ['Complaint', '3'], ['Wholesale', '5']]) await call('POST', '/labels', { name, colour }).catch(taken);
  for (const [shortcut, text] of CANNED) await call('POST', '/canned-replies', { shortcut, text, team_id: null }).catch(taken);
  await call('POST', '/views', { name: 'Waiting for us', shared: true, filter: { label: 'Order' } }).catch(taken);
  const webhook = await call('POST', '/webhooks', { url: 'https://example.com/parloir', types: ['message.created'] });
  await call('POST', '/tokens');

  const [sofia, tom, elena, chiara] = ['Sofia Ferri', 'Tom Hughes', 'Elena Ricci', 'Chiara Longo'].map(of);
  await call('PATCH', `/conversations/${sofia.id}`, { assignee_id: marco.id, team_id: deliveries.id, labels: ['Order'], priority: 'high' });
  await call('PATCH', `/conversations/${tom.id}`, { labels: ['Complaint', 'Order'] });
  await call('PATCH', `/conversations/${elena.id}`, { read: true });
  return { invitation: invited.invitation.url, channels, webhook: webhook.id, sofia: sofia.id, tom: tom.id, chiara: chiara.id };
}

const CANNED = [
  ['hours', 'We are there Monday to Friday from 9 to 18, and on Saturday until noon.'],
  ['returns', 'Ciao {{contact.first_name}}, you can send it back within 14 days. I put a label into this message for you.'],
];

/** An earlier walk through the same demo has made it. */
function taken(reason) {
  if (!/: 409 /.test(reason.message)) throw reason;
}
