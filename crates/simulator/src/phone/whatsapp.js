// WhatsApp as the phone page knows a channel: the simulator's view in the form the page draws, and how deeds reach it.

import { request } from "./request.js";
import { wording } from "./wording.js";

const chat = (account, person) => `/sim/whatsapp/numbers/${encodeURIComponent(account)}/people/${encodeURIComponent(person)}`;
const message = (account, person, id) => `${chat(account, person)}/messages/${encodeURIComponent(id)}`;
const change = (person, changes) => request("PATCH", `/sim/whatsapp/people/${encodeURIComponent(person)}`, changes);

/** `+39 333 123 4567`: the country, then groups of three. */
const readable = (number) => {
  const digits = number.replace(/\D/g, "");
  const country = /^(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/.exec(digits)?.[0] || digits.slice(0, 3);
  return `+${country} ${digits.slice(country.length).replace(/(\d{3})(?=\d{3})/g, "$1 ")}`;
};

const asPerson = (person) => ({
  id: person.id,
  name: person.name,
  hint: person.hides_number ? `${person.username ? `@${person.username}, ` : ""}number hidden` : readable(person.number),
});

/** What a switched-off phone has not got yet is not on it. */
const arrived = (one) => one.from === "person" || ["delivered", "read", "played"].includes(one.ticks);

function shown(one) {
  const plain = one.text ?? fallback(one);
  const words = one.kind === "text" || one.from === "business" ? wording(plain) : { text: plain, entities: [] };
  return {
    message_id: one.message_id,
    from: one.from === "person" ? "person" : "bot",
    date: one.date,
    kind: one.kind === "audio" && one.media?.voice ? "voice" : one.kind === "image" || isPicture(one) ? "photo" : one.kind,
    ...words,
    header: typeof one.header === "string" ? one.header : null,
    footer: one.footer,
    media: one.media,
    location: one.kind === "location" ? one.body : one.header?.latitude ? one.header : null,
    contact: one.kind === "contacts" ? card(one.body[0]) : null,
    keyboard: one.buttons.length ? one.buttons.map((button) => [key(button)]) : null,
    list: one.list,
    reply_to: one.reply_to,
    note: one.forwarded ? "Forwarded" : one.by_phone ? "From the business’s phone" : null,
    edited: one.edited,
    deleted: one.deleted,
    person_reactions: one.person_reaction ? [one.person_reaction] : [],
    bot_reactions: one.business_reaction ? [one.business_reaction] : [],
    ticks: one.from === "person" ? (one.seen ? "read" : "delivered") : null,
    editable: one.kind === "text" && Date.now() / 1000 - one.date < 900,
  };
}

/** A template or a message with buttons may begin with a picture. */
const isPicture = (one) => Boolean(one.media?.mime.startsWith("image/")) && ["template", "interactive"].includes(one.kind);

function fallback(one) {
  if (one.kind === "order") return `An order of ${one.body?.product_items?.length ?? 0} goods`;
  if (one.kind === "unsupported") return `Not shown to businesses: ${one.body?.type || "something else"}`;
  return one.kind === "location" ? one.body?.name ?? null : null;
}

const card = (contact) => ({
  first_name: contact?.name?.formatted_name || "Somebody",
  phone_number: contact?.phones?.[0]?.phone || "",
});

function key(button) {
  if (button.url) return { text: button.text, url: button.url };
  if (button.code) return { text: button.text, copy: button.code };
  if (button.phone_number) return { text: button.text, url: `tel:${button.phone_number}` };
  return { text: button.text, callback_data: button.id };
}

function view(seen) {
  const waiting = seen.messages.filter((one) => !arrived(one) && ["accepted", "sent"].includes(one.ticks)).length;
  return {
    person: { id: seen.person.id, first_name: seen.person.name.split(" ")[0] },
    settings: settings(seen),
    bot_name: seen.business_name,
    subtitle: seen.person.offline ? "this phone is off" : readable(seen.business_number),
    blocked: seen.blocked,
    action: seen.typing_for_ms ? "typing" : null,
    action_for_ms: seen.typing_for_ms,
    notice: null,
    reply_keyboard: null,
    waiting: seen.person.offline ? waiting : 0,
    messages: seen.messages.filter(arrived).map(shown),
  };
}

/** What the person can set on their phone; `set` is given the new value. */
function settings(seen) {
  const { person } = seen;
  const on = (name, value) => change(person.id, { [name]: value });
  const stop = (stopped) => request(stopped ? "PUT" : "DELETE", `${chat(seen.account, person.id)}/marketing-stop`);
  return {
    switches: [
      { label: "Phone is on", hint: "While it is off, messages wait with one tick.", on: !person.offline, set: (value) => on("offline", !value) },
      { label: "Read receipts", hint: "The business sees what was read.", on: !person.no_receipts, set: (value) => on("no_receipts", !value) },
      {
        label: "Hide my number", on: person.hides_number, set: (value) => on("hides_number", value),
        hint: seen.number_shown && person.hides_number ? "This business wrote to the number, and knows it for 30 days." : "Businesses know an id instead.",
      },
      { label: "Stop marketing", hint: `No more offers from ${seen.business_name}.`, on: seen.marketing_stopped, set: stop },
    ],
    fields: [
      { label: "User name", value: person.username || "", set: (value) => on("username", value.replace(/^@/, "")) },
      { label: "Number", value: readable(person.number), required: true, set: (value) => on("number", value) },
    ],
    footnote: `Known to this business as ${seen.user_id}`,
  };
}

/** What is on an open screen has been read. */
function readAloud(account, person, seen) {
  const unread = seen.messages.some((one) => one.from === "business" && one.ticks === "delivered" && !one.by_phone);
  const visible = document.visibilityState === "visible";
  if (unread && visible && !seen.person.no_receipts) request("POST", `${chat(account, person)}/reads`).catch(() => {});
}

const KINDS = {
  photo: ({ kind, ...file }) => ({ kind: "image", ...file }),
  contact: ({ first_name, phone_number }) => ({ kind: "contacts", cards: [{ name: first_name, phone: phone_number }] }),
};

export const whatsapp = {
  id: "whatsapp",
  label: "WhatsApp",
  none: { title: "No number yet", status: "none has been set up", text: "When a business’s number is set up, its chat appears here." },
  greeting: "Hello!",
  deletesOnlyOwn: true,
  emoji: ["👍", "❤️", "😂", "😮", "😢", "🙏"],
  suggestions: [
    { name: "Chiara Romano", number: "393331112233" },
    { name: "Lukas Bauer", number: "491701112233" },
    { name: "Inès Moreau", number: "33612345678" },
    { name: "Pablo Ortega", number: "34612345678" },
  ],

  async accounts() {
    const numbers = await request("GET", "/sim/whatsapp/numbers");
    const alone = (name) => numbers.filter((one) => one.name === name).length === 1;
    const name = (one) => (alone(one.name) ? one.name : `${one.name} …${one.number.slice(-4)}`);
    return numbers.map((one) => ({ id: one.id, name: name(one), hint: readable(one.number) }));
  },

  async people() {
    return (await request("GET", "/sim/whatsapp/people")).map(asPerson);
  },

  async createPerson({ name, number }) {
    return asPerson(await request("POST", "/sim/whatsapp/people", { name: name.trim(), number: number || "" }));
  },

  /** Calls `show` with the chat now and whenever it changes; answers how to stop. */
  open(account, person, show, lost) {
    const events = new EventSource(`${chat(account, person)}/events`);
    let last = null;
    const read = () => last && readAloud(account, person, last);
    events.onmessage = (event) => {
      last = { ...JSON.parse(event.data), account };
      show(view(last));
      read();
    };
    events.onerror = () => lost();
    document.addEventListener("visibilitychange", read);
    return () => {
      events.close();
      document.removeEventListener("visibilitychange", read);
    };
  },

  say: (account, person, saying) =>
    request("POST", `${chat(account, person)}/messages`, { ...(KINDS[saying.kind]?.(saying) ?? saying), reply_to: saying.reply_to }),
  edit: (account, person, id, text) => request("PATCH", message(account, person, id), { text }),
  remove: (account, person, id) => request("DELETE", message(account, person, id)),
  tap: (account, person, id, data) => request("POST", `${message(account, person, id)}/taps`, { id: data }),
  react: (account, person, id, [emoji]) => request("PUT", `${message(account, person, id)}/reaction`, { emoji: emoji ?? null }),
  play: (account, person, id) => request("POST", `${message(account, person, id)}/plays`),
  block: (account, person, on) => request(on ? "PUT" : "DELETE", `${chat(account, person)}/block`),
};
