// Sheets that rise over the chat: a list to choose from, and what a person can set on their phone.

import { $, el } from "./bubble.js";

function open(title, ...content) {
  const sheet = $("rising");
  $("rising-title").textContent = title;
  $("rising-content").replaceChildren(...content);
  if (!sheet.open) sheet.showModal();
  return sheet;
}

/** Offers the rows of a list; `choose` is given the chosen one's id. */
export function offerList({ button, sections }, choose) {
  const name = `row-${Math.random()}`;
  const send = el("button", { type: "submit", class: "solid", value: "send", disabled: true }, "Send");
  const row = ({ id, title, description }) => el("label", { class: "choice" },
    el("span", {}, title, description ? el("small", {}, description) : null),
    el("input", { type: "radio", name, value: id, onchange: () => { send.disabled = false; } }));
  const section = ({ title, rows }) => el("fieldset", {}, title ? el("legend", {}, title) : null, ...rows.map(row));
  const form = el("form", { method: "dialog", class: "choices" }, ...sections.map(section), el("div", { class: "row end" }, send));
  form.addEventListener("submit", () => choose(new FormData(form).get(name)));
  open(button, form).querySelector("input")?.focus();
}

/** What can be set; `attempt` carries a change out and tells what went wrong. */
export function offerSettings({ switches, fields, footnote }, attempt) {
  const setting = ({ label, hint, on, set }) => el("label", { class: "switch" },
    el("span", {}, label, el("small", {}, hint)),
    el("input", { type: "checkbox", role: "switch", checked: on, onchange: (event) => attempt(() => set(event.target.checked)) }));
  const field = ({ label, value, set, required }) => {
    const input = el("input", { value, autocomplete: "off", required });
    const keep = () => { if (input.value !== value && input.reportValidity()) attempt(() => set(input.value)); };
    input.addEventListener("change", keep);
    return el("label", { class: "field" }, label, input);
  };
  open("This phone", el("div", { class: "switches" }, ...switches.map(setting)),
    el("div", { class: "fields" }, ...fields.map(field)), el("p", { class: "footnote" }, footnote));
}

$("rising").addEventListener("click", (event) => { if (event.target === event.currentTarget) event.target.close(); });
$("rising-close").addEventListener("click", () => $("rising").close());
