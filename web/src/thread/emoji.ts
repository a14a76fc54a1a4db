/** A small choice of emoji. Screen readers name each in their own language. */
export const GROUPS = {
  faces: '😀 😄 😁 😅 😂 🙂 😉 😊 😍 😘 😋 😜 🤗 🤔 😐 🙄 😬 😌 😴 😷 🤒 😎 🥳 😕 😟 😮 😳 🥺 😢 😭 😱 😞 😩 😤 😡 🤯',
  hands: '👍 👎 👌 ✌️ 🤞 🤝 👏 🙌 🙏 💪 👋 🤙 👉 👈 👆 👇 ✋ 🫶 ❤️ 🧡 💛 💚 💙 💜 🖤 🤍 💔 💯 ✨ ⭐ 🔥 🎉',
  things: '☕ 🍕 🍝 🍰 🍷 🍺 🎂 🎁 🌹 🌻 ☀️ 🌧️ ❄️ 🌈 🏠 🏢 🚗 🚕 ✈️ 🚚 📦 🛒 💶 💳 🧾 🔑 🔧 🛠️ 📷 📞 📱 💻',
  signs: '✅ ☑️ ✔️ ❌ ❗ ❓ ⚠️ ⛔ 🔴 🟠 🟢 🔵 🔔 🔕 📌 📍 📎 📅 ⏰ ⏳ 📝 📄 📧 💬 🔗 🔍 🔒 🆗 🆕 🔜 ➡️ ⬅️',
} as const;

export type EmojiGroup = keyof typeof GROUPS;

export const COLUMNS = 8;

export function emojiOf(group: EmojiGroup): string[] {
  return GROUPS[group].split(' ');
}
