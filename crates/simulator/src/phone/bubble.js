// One message as an element. Text is set as text, never as markup.

export const $ = (id) => document.getElementById(id);

export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export function avatar(element, name) {
  const initials = name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
  let hue = 140;
  for (const letter of name) hue = (hue * 31 + letter.codePointAt(0)) % 360;
  element.textContent = initials || "?";
  element.style.setProperty("--hue", hue);
  return element;
}

/** `on` has `tap(data)`, `copy(text)`, `list()`, `played()` and `actions(bubble)`; `find` finds another message. */
export function bubble(message, find, on) {
  if (message.deleted) return el("span", { class: "gone" }, "Message deleted");
  const bare = message.kind === "sticker";
  const box = el("div", { class: bare ? "bubble bare" : "bubble", onclick: openBy(on) });
  const note = (name, text) => (text ? el("span", { class: name }, text) : null);
  const above = [note("note", message.note), quote(message, find), media(message, on), note("header", message.header)];
  box.append(...[...above, words(message), note("footer", message.footer)].filter(Boolean));
  if (!bare) box.append(meta(message));
  box.append(el("button", {
    class: "open-actions", type: "button", "aria-label": "React, reply and more", "aria-haspopup": "menu",
    onclick: (event) => { event.stopPropagation(); on.actions(box); },
  }, icon("more")));
  const parts = document.createDocumentFragment();
  parts.append(box);
  const reactions = [...message.bot_reactions, ...message.person_reactions];
  if (reactions.length) {
    parts.append(el("div", { class: "reactions" }, ...reactions.map((emoji) => el("span", {}, colourful(emoji)))));
  }
  if (message.keyboard) parts.append(inlineKeyboard(message.keyboard, on));
  if (message.list) parts.append(inlineKeyboard([[{ text: message.list.button, opens: true }]], on));
  return parts;
}

/** On a touch screen the bubble itself opens the sheet; with a mouse its small button does. */
function openBy(on) {
  return (event) => {
    const touch = matchMedia("(hover: none)").matches;
    if (touch && !event.target.closest("a, button, audio, video")) on.actions(event.currentTarget);
  };
}

function meta(message) {
  const time = new Date(message.date * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const edited = message.edited ? el("span", {}, "edited") : null;
  return el("span", { class: "meta" }, edited, el("span", {}, time), message.ticks ? ticks(message.ticks) : null);
}

function ticks(state) {
  const drawn = icon("ticks");
  drawn.setAttribute("class", `ticks ${state}`);
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", state === "read" ? "Read" : "Delivered");
  return drawn;
}

function quote(message, find) {
  const quoted = message.reply_to && find(message.reply_to);
  return quoted ? el("div", { class: "quote" }, preview(quoted)) : null;
}

/** Emoji that are also plain characters ask to be shown as emoji. */
export const colourful = (emoji) => (emoji === "❤" ? "❤\ufe0f" : emoji);

/** A message in a few words. */
export function preview(message) {
  const kind = message.kind[0].toUpperCase() + message.kind.slice(1);
  return message.deleted ? "Message deleted" : message.text || message.media?.name || kind;
}

function words(message) {
  return message.text ? el("span", { class: "text" }, marked(message.text, message.entities)) : null;
}

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", text_link: "a", url: "a",
};

/** Nested entities: offsets count UTF-16 units, as JavaScript's strings do. */
function marked(text, entities, from = 0, to = text.length) {
  const parts = document.createDocumentFragment();
  const sorted = entities.filter((e) => TAGS[e.type] && e.offset >= from && e.offset + e.length <= to)
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
  let at = from;
  for (const entity of sorted) {
    if (entity.offset < at) continue;
    const end = entity.offset + entity.length;
    const inner = entities.filter((other) => other !== entity);
    const url = entity.url || text.slice(entity.offset, end);
    const link = TAGS[entity.type] === "a" && /^https?:/i.test(url);
    const attributes = link ? { href: url, rel: "noreferrer noopener", target: "_blank" } : {};
    parts.append(text.slice(at, entity.offset));
    parts.append(el(TAGS[entity.type], attributes, marked(text, inner, entity.offset, end)));
    at = end;
  }
  parts.append(text.slice(at, to));
  return parts;
}

function media(message, on) {
  if (message.location) return place(message.location);
  if (message.contact) return card(message.contact);
  const file = message.media;
  if (!file) return null;
  switch (message.kind) {
    case "photo": return el("img", { class: "picture", src: file.url, alt: message.text || "Photo" });
    case "sticker": return el("img", { class: "sticker", src: file.url, alt: "Sticker" });
    case "video":
    case "animation": return el("video", { class: "picture", src: file.url, controls: true, preload: "metadata" });
    case "voice":
    case "audio": return el("audio", { src: file.url, controls: true, preload: "none", onplay: () => on.played() });
    default: return attachment(file);
  }
}

function attachment(file) {
  const size = file.size < 1024 ? `${file.size} B`
    : file.size < 1048576 ? `${Math.round(file.size / 1024)} kB` : `${(file.size / 1048576).toFixed(1)} MB`;
  return el("a", { class: "file", href: file.url, download: file.name },
    el("span", { class: "badge" }, icon("file")),
    el("span", {}, el("strong", {}, file.name), el("small", {}, size)));
}

function card(contact) {
  const name = [contact.first_name, contact.last_name].filter(Boolean).join(" ");
  return el("span", { class: "file" },
    el("span", { class: "badge" }, icon("person")),
    el("span", {}, el("strong", {}, name), el("small", {}, contact.phone_number)));
}

function place({ latitude, longitude }) {
  return el("div", { class: "map" },
    el("div", { class: "ground" }, icon("pin")),
    el("small", {}, `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`));
}

function inlineKeyboard(rows, on) {
  const press = (key) => (event) => {
    if (key.opens) on.list();
    else if (key.copy) on.copy(key.copy);
    else on.tap(key.callback_data, event.currentTarget);
  };
  const button = (key) => key.url
    ? el("a", { href: key.url, target: "_blank", rel: "noreferrer noopener" }, key.text)
    : el("button", { type: "button", onclick: press(key) }, key.opens ? icon("list") : null, key.text);
  return el("div", { class: "inline" }, ...rows.map((row) => el("div", {}, ...row.map(button))));
}
