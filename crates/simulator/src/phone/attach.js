// What a person attaches to a message: files, places, contacts.

import { $, el } from "./bubble.js";

/** A small form in a dialog; resolves to the values, or null if it was cancelled. */
export function ask(title, fields) {
  $("ask-title").textContent = title;
  $("ask-fields").replaceChildren(...fields.map(({ name, label, value }) =>
    el("label", { class: "field" }, label, el("input", { name, value, required: true, autocomplete: "off" }))));
  $("ask-cancel").hidden = !fields.length;
  const dialog = $("ask");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => {
    const values = Object.fromEntries(new FormData(dialog.querySelector("form")));
    resolve(dialog.returnValue === "ok" ? values : null);
  }, { once: true }));
}

/** What the clip offers; each is given how to say it. */
export const attach = {
  photo: (say) => pick("photo", "image/*", say),
  document: (say) => pick("document", "", say),
  voice: (say) => say({ kind: "voice", seconds: 3 }),
  async location(say) {
    const place = await ask("Send a location", [
      { name: "latitude", label: "Latitude", value: "45.4642" },
      { name: "longitude", label: "Longitude", value: "9.1900" },
    ]);
    if (place) say({ kind: "location", latitude: Number(place.latitude) || 0, longitude: Number(place.longitude) || 0 });
  },
  async contact(say) {
    const contact = await ask("Send a contact", [
      { name: "first_name", label: "Name", value: "Luca Bianchi" },
      { name: "phone_number", label: "Number", value: "+39 02 5550 0199" },
    ]);
    if (contact) say({ kind: "contact", ...contact });
  },
};

function pick(kind, accept, say) {
  const picker = $("picker");
  picker.accept = accept;
  picker.value = "";
  picker.onchange = () => picker.files[0] && upload(kind, picker.files[0], say);
  picker.click();
}

function upload(kind, file, say) {
  const reader = new FileReader();
  reader.onload = () => {
    const caption = $("words").value.trim() || null;
    $("words").value = "";
    const base64 = reader.result.slice(reader.result.indexOf(",") + 1);
    say({ kind, name: file.name, mime: file.type || "application/octet-stream", caption, base64 });
  };
  reader.readAsDataURL(file);
}

$("ask-cancel").addEventListener("click", () => $("ask").close(""));
