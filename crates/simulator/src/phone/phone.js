// Runs the page: who writes to whom through which channel, and what the phone shows of it.

import { ask, attach } from "./attach.js";
import { $, avatar, bubble, colourful, el, preview } from "./bubble.js";
import { offerList, offerSettings } from "./sheets.js";
import { telegram } from "./telegram.js";
import { whatsapp } from "./whatsapp.js";

const channels = [telegram, whatsapp];
const state = { channel: channels[0], account: null, person: null, view: null, close: null, quoted: null, editing: null };
const drawn = new Map();

// ---- Who, and to whom -----------------------------------------------------------------------

async function start() {
  const wanted = new URLSearchParams(location.search);
  state.channel = channels.find((channel) => channel.id === wanted.get("channel")) || channels[0];
  document.body.dataset.channel = state.channel.id;
  $("tabs").replaceChildren(...channels.map(tab));
  const accounts = await state.channel.accounts();
  const names = (account) => [account.id, account.hint.slice(1), account.id.split(":")[0]];
  const account = accounts.find((one) => names(one).includes(wanted.get("bot"))) || accounts[0];
  state.account = account?.id ?? null;
  $("accounts").replaceChildren(...accounts.map((one) =>
    el("option", { value: one.id, selected: one.id === state.account, title: one.hint }, one.name)));
  const people = await state.channel.people();
  state.person = (people.find((one) => one.id === wanted.get("person")) || people[0])?.id ?? null;
  drawPeople(people);
  openChat();
  // Only a demo has one.
  const website = await fetch($("website").href, { method: "HEAD" }).catch(() => null);
  $("website").hidden = !website?.ok;
}

function tab(channel) {
  return el("button", {
    type: "button", role: "tab", "aria-selected": String(channel === state.channel),
    onclick: () => { location.search = `channel=${channel.id}`; },
  }, channel.label);
}

function drawPeople(people) {
  const row = (person) => el("li", {}, el("button", {
    type: "button", "aria-current": String(person.id === state.person),
    onclick: () => choose(person.id),
  }, avatar(el("span", { class: "avatar", "aria-hidden": "true" }), person.name),
  el("span", {}, person.name, el("small", {}, person.hint))));
  const none = el("li", { class: "none" }, "Nobody yet. Add a contact below.");
  $("people").replaceChildren(...(people.length ? people.map(row) : [none]));
  const known = new Set(people.map((person) => person.name));
  const fresh = state.channel.suggestions.filter((one) => !known.has(one.name));
  $("suggestions").replaceChildren(...fresh.map((one) =>
    el("button", { type: "button", onclick: () => addPerson(one) }, one.name)));
}

async function addPerson(person) {
  const created = await attempt(() => state.channel.createPerson(person));
  if (created) await choose(created.id);
}

async function choose(person) {
  state.person = person;
  drawPeople(await state.channel.people());
  $("desk").classList.remove("open");
  openChat();
  $("words").focus();
}

// ---- The chat -------------------------------------------------------------------------------

function openChat() {
  state.close?.();
  drawn.clear();
  atEnd = true;
  $("messages").replaceChildren();
  quoteNothing();
  if (!state.account || !state.person) return showNothing();
  const channel = state.channel === channels[0] ? {} : { channel: state.channel.id };
  const query = new URLSearchParams({ ...channel, bot: state.account, person: state.person });
  history.replaceState(null, "", `/phone?${query}`);
  const lost = () => status("connecting…");
  state.close = state.channel.open(state.account, state.person, show, lost);
}

function showNothing() {
  $("title").textContent = state.account ? "No contact yet" : state.channel.none.title;
  status(state.account ? "add one to begin" : state.channel.none.status);
  welcome(state.account
    ? "Choose or add a contact: they will write from this phone."
    : state.channel.none.text);
  const phoneless = window.matchMedia("(max-width: 760px)").matches;
  if (phoneless && state.account) $("desk").classList.add("open");
  if (!state.account) setTimeout(begin, 2000);
}

function show(view) {
  const before = state.view;
  state.view = view;
  $("title").textContent = view.bot_name;
  avatar($("avatar"), view.bot_name);
  document.title = `${view.person.first_name} – ${view.bot_name}`;
  $("blocked").hidden = !view.blocked;
  $("composer").hidden = view.blocked;
  $("block").setAttribute("aria-pressed", String(view.blocked));
  $("block").setAttribute("aria-label", view.blocked ? "Unblock" : "Block");
  $("settings").hidden = !view.settings;
  $("waiting").hidden = !view.waiting;
  $("waiting").textContent = `${view.waiting} waiting until this phone is on`;
  showAction(view);
  showKeys(view.blocked ? null : view.reply_keyboard);
  showNotice(before, view);
  drawMessages(view.messages);
  $("welcome").hidden = view.messages.length > 0;
  if (!view.messages.length) {
    welcome(`You are ${view.person.first_name}. What you write here reaches ${view.bot_name} as if it came from a real phone.`,
      el("button", { type: "button", class: "solid", onclick: () => say({ kind: "text", text: state.channel.greeting }) }, "Start"));
  }
}

function welcome(text, ...more) {
  $("welcome").hidden = false;
  $("welcome").replaceChildren(el("p", {}, text), ...more);
}

function status(text, busy = false) {
  $("status").textContent = text;
  $("status").className = busy ? "busy" : "";
}

let actionTimer;
function showAction(view) {
  clearTimeout(actionTimer);
  const busy = Boolean(view.action) && !view.blocked;
  $("typing").hidden = !busy;
  status(view.blocked ? "blocked" : busy ? `${view.action.replace("_", " ")}…` : view.subtitle ?? `@${view.bot_username}`, busy);
  if (busy) actionTimer = setTimeout(() => showAction({ ...view, action: null }), view.action_for_ms);
}

function showKeys(markup) {
  const text = (key) => (typeof key === "string" ? key : key.text);
  const button = (key) => el("button", { type: "button", onclick: () => say({ kind: "text", text: text(key) }) }, text(key));
  const rows = markup?.keyboard || [];
  $("keys").hidden = !rows.length;
  $("keys").replaceChildren(...rows.map((row) => el("div", {}, ...row.map(button))));
}

function showNotice(before, { notice, person }) {
  const fresh = notice && before?.person.id === person.id
    && before.notice?.callback_query_id !== notice.callback_query_id;
  if (!fresh) return;
  document.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  if (notice.text && notice.alert) ask(notice.text, []);
  else if (notice.text) toast(notice.text);
}

let toastTimer;
function toast(text) {
  clearTimeout(toastTimer);
  $("toast").textContent = text;
  $("toast").hidden = false;
  toastTimer = setTimeout(() => { $("toast").hidden = true; }, 4000);
}

const find = (id) => state.view?.messages.find((message) => message.message_id === id);
const dayOf = (message) => new Date(message.date * 1000).toDateString();

function drawMessages(messages) {
  // What arrives late takes its place among the others.
  const inPlace = [...drawn.keys()].every((id, at) => messages[at]?.message_id === id);
  if (!inPlace) {
    drawn.clear();
    $("messages").replaceChildren();
  }
  messages.forEach((message, index) => {
    const previous = messages[index - 1];
    const joined = previous?.from === message.from && message.date - previous.date < 120;
    const seen = JSON.stringify([message, joined, message.reply_to && find(message.reply_to)]);
    const known = drawn.get(message.message_id);
    if (known?.seen === seen) return;
    const item = messageItem(message, joined);
    if (known) known.item.replaceWith(item);
    else {
      if (!previous || dayOf(previous) !== dayOf(message)) $("messages").append(daySign(message));
      $("messages").append(item);
    }
    drawn.set(message.message_id, { seen, item });
  });
}

/** The log stays at its end, pictures still loading or not, unless the reader went up. */
let atEnd = true;
function follow() {
  const log = $("log");
  let ours = -1;
  log.addEventListener("scroll", () => {
    if (log.scrollTop !== ours) atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  });
  const toEnd = () => {
    if (!atEnd) return;
    log.scrollTop = log.scrollHeight;
    ours = log.scrollTop;
  };
  const observer = new ResizeObserver(toEnd);
  [log, $("messages"), $("typing"), $("waiting")].forEach((element) => observer.observe(element));
}

function daySign(message) {
  const date = new Date(message.date * 1000);
  const today = date.toDateString() === new Date().toDateString();
  const text = today ? "Today" : date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
  return el("li", { class: "day" }, text);
}

function messageItem(message, joined) {
  const mine = message.from === "person";
  const id = message.message_id;
  const on = {
    tap: (data, button) => tap(message, data, button),
    copy: (text) => navigator.clipboard?.writeText(text).then(() => toast(`Copied ${text}`), () => toast(text)),
    list: () => offerList(message.list, (row) => here("tap", id, row)),
    played: () => !mine && state.channel.play && here("play", id),
    actions: (anchor) => showActions(message, anchor),
  };
  const names = ["message", mine && "mine", joined && "joined"].filter(Boolean).join(" ");
  return el("li", { class: names }, bubble(message, find, on));
}

// ---- What the person does -------------------------------------------------------------------

async function attempt(deed) {
  try {
    return await deed();
  } catch (error) {
    toast(error.message);
    return null;
  }
}

/** A name or a number that changes shows in the list of contacts too. */
async function attemptSetting(set) {
  await attempt(set);
  drawPeople(await state.channel.people());
}

const here = (deed, ...rest) => attempt(() => state.channel[deed](state.account, state.person, ...rest));

async function say(saying) {
  if (state.quoted) saying.reply_to = state.quoted;
  quoteNothing();
  atEnd = true;
  await here("say", saying);
}

async function tap(message, data, button) {
  if (data === undefined) return toast("This button does nothing on the simulated phone.");
  button.setAttribute("aria-busy", "true");
  setTimeout(() => button.removeAttribute("aria-busy"), 5000);
  await here("tap", message.message_id, data);
}

function submitWords() {
  const text = $("words").value.trim();
  if (!text || !state.person || !state.account) return;
  $("words").value = "";
  if (state.editing) {
    const id = state.editing;
    quoteNothing();
    here("edit", id, text);
  } else say({ kind: "text", text });
}

function showActions(message, anchor) {
  const sheet = $("actions");
  const act = (deed) => () => { sheet.hidePopover(); deed(); };
  const id = message.message_id;
  const chosen = message.person_reactions;
  const emoji = state.channel.emoji.map((one) => el("button", {
    type: "button", "aria-label": `React with ${one}`, "aria-pressed": String(chosen.includes(one)),
    onclick: act(() => here("react", id, chosen.includes(one) ? [] : [one])),
  }, colourful(one)));
  const item = (label, deed, name) => el("button", { type: "button", class: name, onclick: act(deed) }, label);
  const mine = message.from === "person";
  sheet.replaceChildren(
    el("div", { class: "emoji" }, ...emoji),
    item("Reply", () => quote(message)),
    ...(mine && message.text && message.editable !== false ? [item("Edit", () => quote(message, true))] : []),
    ...(mine || !state.channel.deletesOnlyOwn ? [item("Delete", () => here("remove", id), "danger")] : []));
  sheet.showPopover();
  beside(sheet, anchor);
  emoji[0].focus();
}

function beside(sheet, anchor) {
  const near = anchor.getBoundingClientRect();
  const own = sheet.getBoundingClientRect();
  const below = near.bottom + 6 + own.height < innerHeight;
  sheet.style.top = `${below ? near.bottom + 6 : Math.max(8, near.top - own.height - 6)}px`;
  sheet.style.left = `${Math.max(8, Math.min(near.left, innerWidth - own.width - 8))}px`;
}

function quote(message, editing = false) {
  state.quoted = editing ? null : message.message_id;
  state.editing = editing ? message.message_id : null;
  $("quoted").textContent = `${editing ? "Edit" : "Reply to"}: ${preview(message)}`;
  $("quoting").hidden = false;
  if (editing) $("words").value = message.text;
  $("words").focus();
}

function quoteNothing() {
  if (state.editing) $("words").value = "";
  state.quoted = state.editing = null;
  $("quoting").hidden = true;
}

// ---- Wiring ---------------------------------------------------------------------------------

$("composer").addEventListener("submit", (event) => { event.preventDefault(); submitWords(); });
$("words").addEventListener("keydown", (event) => {
  if (event.key === "Escape") quoteNothing();
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submitWords();
});
$("unquote").addEventListener("click", quoteNothing);
$("block").addEventListener("click", () => state.view && here("block", !state.view.blocked));
$("settings").addEventListener("click", () => state.view?.settings && offerSettings(state.view.settings, attemptSetting));
$("unblock").addEventListener("click", () => here("block", false));
$("accounts").addEventListener("change", (event) => { state.account = event.target.value; openChat(); });
$("desk-open").addEventListener("click", () => { $("desk").classList.add("open"); $("desk-close").focus(); });
$("desk-close").addEventListener("click", () => { $("desk").classList.remove("open"); $("desk-open").focus(); });
$("new-person").addEventListener("submit", (event) => {
  event.preventDefault();
  addPerson({ name: $("new-name").value });
  $("new-name").value = "";
});
$("attachments").addEventListener("toggle", (event) => event.newState === "open" && beside($("attachments"), $("attach")));
$("attachments").addEventListener("click", (event) => {
  const kind = event.target.closest("[data-attach]")?.dataset.attach;
  if (!kind) return;
  $("attachments").hidePopover();
  attach[kind](say);
});

addEventListener("focus", async () => drawPeople(await state.channel.people()));

const begin = () => start().catch(() => status("the simulator does not answer"));
follow();
begin();
