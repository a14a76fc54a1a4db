// Telegram as the phone page knows a channel: where its chats are, and how deeds reach it.
// A channel is an object with the functions below; what `open` shows has the form of the
// simulator's PhoneView, so another channel needs only to speak it.

import { request } from "./request.js";

const chat = (account, person) => `/sim/telegram/${encodeURIComponent(account)}/people/${person}`;
const message = (account, person, id) => `${chat(account, person)}/messages/${id}`;

const languages = new Intl.DisplayNames(["en"], { type: "language" });

function language(code) {
  try {
    return languages.of(code);
  } catch {
    return code || "";
  }
}

const asPerson = (person) => ({
  id: String(person.id),
  name: [person.first_name, person.last_name].filter(Boolean).join(" "),
  hint: person.username ? `@${person.username}` : language(person.language_code),
});

export const telegram = {
  id: "telegram",
  label: "Telegram",
  none: { title: "No bot yet", status: "none has been set up", text: "When a bot is set up, its chat appears here." },
  greeting: "/start",
  // Telegram's own spelling: a heart without the selector that asks for colour.
  emoji: ["👍", "❤", "😁", "🎉", "🙏", "👎"],
  suggestions: [
    { name: "Giulia Rossi", language: "it" },
    { name: "Jonas Weber", language: "de" },
    { name: "Amélie Laurent", language: "fr" },
    { name: "Sofía Navarro", language: "es" },
    { name: "Maya Patel", language: "en" },
  ],

  async accounts() {
    const bots = await request("GET", "/sim/telegram/bots");
    return bots.map((bot) => ({ id: bot.token, name: bot.name, hint: `@${bot.username}` }));
  },

  async people() {
    return (await request("GET", "/sim/telegram/people")).map(asPerson);
  },

  async createPerson({ name, language }) {
    const [first_name, ...rest] = name.trim().split(/\s+/);
    const person = { first_name, language_code: language || navigator.language.slice(0, 2) };
    if (rest.length) person.last_name = rest.join(" ");
    return asPerson(await request("POST", "/sim/telegram/people", person));
  },

  /** Calls `show` with the chat now and whenever it changes; answers how to stop. */
  open(account, person, show, lost) {
    const events = new EventSource(`${chat(account, person)}/events`);
    events.onmessage = (event) => show(JSON.parse(event.data));
    events.onerror = () => lost();
    return () => events.close();
  },

  say: (account, person, saying) => request("POST", `${chat(account, person)}/messages`, saying),
  edit: (account, person, id, text) => request("PATCH", message(account, person, id), { text }),
  remove: (account, person, id) => request("DELETE", message(account, person, id)),
  tap: (account, person, id, data) => request("POST", `${message(account, person, id)}/taps`, { data }),
  react: (account, person, id, emoji) => request("PUT", `${message(account, person, id)}/reactions`, { emoji }),
  block: (account, person, on) => request(on ? "PUT" : "DELETE", `${chat(account, person)}/block`),
};
