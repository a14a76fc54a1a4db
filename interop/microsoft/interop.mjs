// Runs Microsoft's own client library for Graph against a running simulator.
// Usage: node interop.mjs http://127.0.0.1:PORT ADDRESS CLIENT_ID CLIENT_SECRET

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import http from "node:http";
import { Client, GraphError, PageIterator } from "@microsoft/microsoft-graph-client";

const [base, address, client, secret] = process.argv.slice(2);
if (!secret) {
  console.error("Usage: node interop.mjs <the simulator's base address> ADDRESS CLIENT_ID CLIENT_SECRET");
  process.exit(2);
}
const BACK = "https://parloir.example/oauth/callback";
const WORD = "a word of ours";

/** The way of RFC 6749 and RFC 7636, then a renewal, which gives another refresh token. */
async function token() {
  const verifier = "v".repeat(64);
  const asked = new URLSearchParams({
    client_id: client, redirect_uri: BACK, response_type: "code", scope: "Mail.Read Mail.Send offline_access", state: "s",
    code_challenge_method: "S256", code_challenge: createHash("sha256").update(verifier).digest("base64url"),
  });
  const page = await fetch(`${base}/microsoft/common/oauth2/v2.0/authorize?${asked}`, { redirect: "manual" });
  const code = new URL(page.headers.get("location")).searchParams.get("code");
  const grant = async (fields) => {
    const body = new URLSearchParams({ client_id: client, client_secret: secret, ...fields });
    return (await fetch(`${base}/microsoft/common/oauth2/v2.0/token`, { method: "POST", body })).json();
  };
  const first = await grant({ grant_type: "authorization_code", code, redirect_uri: BACK, code_verifier: verifier });
  const second = await grant({ grant_type: "refresh_token", refresh_token: first.refresh_token });
  assert.notEqual(second.refresh_token, first.refresh_token);
  return second.access_token;
}

const access = await token();
const graph = Client.init({
  baseUrl: `${base}/microsoft/`,
  defaultVersion: "v1.0",
  authProvider: (done) => done(null, access),
  // Of itself the library gives a token to https alone.
  fetchOptions: { headers: { authorization: `Bearer ${access}` } },
});

const says = (subject) =>
  fetch(`${base}/sim/microsoft/${address}/letters`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ from: "anna@example.org", subject, text: "Sì?" }),
  });

async function refused(status, code, call) {
  const error = await call().then(() => null, (error) => error);
  assert.ok(error instanceof GraphError, "refused");
  assert.deepEqual([error.statusCode, error.code], [status, code]);
}

async function mailIsReadAndAnswered() {
  const me = await graph.api("/me").select("id,mail,userPrincipalName").get();
  assert.equal(me.mail, address);
  for (const subject of ["Bread 0", "Bread 1", "Bread 2"]) await says(subject);
  const first = await graph.api("/me/mailFolders/inbox/messages/delta").select("id,receivedDateTime").get();
  const ids = [];
  const pages = new PageIterator(graph, first, (mail) => ids.push(mail.id) > 0);
  await pages.iterate();
  assert.equal(ids.length, 3);
  await says("Cake");
  // The library knows a link as one by its https.
  const next = await graph.api(pages.getDeltaLink().replace(`${base}/microsoft/v1.0`, "")).get();
  assert.equal(next.value.length, 1, "what came since");
  const mail = await graph.api(`/me/messages/${ids[0]}/$value`).responseType("text").get();
  assert.match(mail, /^Subject: Bread 0\r$/m);
  const lines = ["From: " + address, "To: anna@example.org", "Subject: Re: Bread 0", "Message-ID: <reply-1@shop.example>", "", "Yes"];
  const sent = Buffer.from(lines.join("\r\n")).toString("base64");
  await graph.api("/me/sendMail").header("content-type", "text/plain").post(sent);
  const found = await graph.api("/me/mailFolders/sentitems/messages").filter("internetMessageId eq '<reply-1@shop.example>'").get();
  assert.equal(found.value.length, 1);
  await refused(404, "ErrorItemNotFound", () => graph.api("/me/messages/nothing/$value").get());
}

async function whoSubscribesIsTold() {
  const told = [];
  const hook = http.createServer((request, response) => {
    const asked = new URL(request.url, "http://127.0.0.1").searchParams.get("validationToken");
    let body = "";
    request.on("data", (part) => { body += part; });
    request.on("end", () => {
      if (!asked) told.push(...JSON.parse(body).value);
      response.writeHead(asked ? 200 : 202, { "content-type": "text/plain" }).end(asked ?? "");
    });
  });
  await new Promise((done) => hook.listen(0, "127.0.0.1", done));
  try {
    const url = `http://127.0.0.1:${hook.address().port}/hooks/chn_1`;
    const until = (minutes) => new Date(Date.now() + minutes * 60_000).toISOString();
    const order = {
      changeType: "created", notificationUrl: url, lifecycleNotificationUrl: `${url}/lifecycle`,
      resource: "me/mailFolders('inbox')/messages", expirationDateTime: until(60), clientState: WORD,
    };
    await refused(400, "ValidationError", () => graph.api("/subscriptions").post({ ...order, notificationUrl: "http://127.0.0.1:9/no" }));
    await refused(400, "InvalidRequest", () => graph.api("/subscriptions").post({ ...order, expirationDateTime: until(4_231) }));
    const made = await graph.api("/subscriptions").post(order);
    const renewed = await graph.api(`/subscriptions/${made.id}`).patch({ expirationDateTime: until(4_200) });
    assert.ok(new Date(renewed.expirationDateTime) > new Date(made.expirationDateTime));
    await says("News");
    for (let tries = 0; !told.length && tries < 500; tries += 1) await new Promise((done) => setTimeout(done, 20));
    const [news] = told;
    assert.deepEqual([news.subscriptionId, news.clientState, news.changeType], [made.id, WORD, "created"]);
    await graph.api(`/subscriptions/${made.id}`).delete();
    await refused(404, "ResourceNotFound", () => graph.api(`/subscriptions/${made.id}`).patch({ expirationDateTime: until(60) }));
  } finally {
    hook.close();
  }
}

let passed = 0;
let failed = 0;
for (const check of [mailIsReadAndAnswered, whoSubscribesIsTold]) {
  try {
    await check();
    passed += 1;
    console.log(`ok    ${check.name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${check.name}\n${error.stack}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
