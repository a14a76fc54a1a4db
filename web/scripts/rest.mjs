// A member over the REST API, for what a script arranges or looks up.

/** Signs in and answers with `call(method, path, body)`, which throws what the server refuses. */
export async function rest({ url, email, password }) {
  const opened = await fetch(`${url}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json', origin: url }, body: JSON.stringify({ email, password }) });
  if (!opened.ok) throw new Error(`Signing in: ${opened.status}`);
  const cookie = opened.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
  const { csrf } = await opened.json();
  return async (method, path, body) => {
    const headers = { cookie, 'x-csrf-token': csrf, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID(), origin: url };
    const answer = await fetch(`${url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
}
