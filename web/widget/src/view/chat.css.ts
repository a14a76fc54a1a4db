// The style of the chat's window. Colours of the website come in as properties; everything else is here.

export const CHAT = `
:host {
  --bg: light-dark(#ffffff, #1f2526); --sunk: light-dark(#f4f6f6, #2a3132); --line: light-dark(#e3e8e8, #374041); --field: light-dark(#8a9696, #7d8a8b);
  --ink: light-dark(#16201f, #e9eeee); --ink-2: light-dark(#566362, #a9b6b5); --wrong: light-dark(#b1261d, #ff9a90);
  --text: light-dark(var(--accent-text), var(--accent-text-dark));
}
.panel[hidden], .menu[hidden], .sure[hidden], .banner[hidden], .wrong[hidden], .chosen[hidden], .typing[hidden], input[hidden] { display: none; }
.panel {
  position: fixed; bottom: calc(var(--out) + 70px + env(safe-area-inset-bottom)); width: 376px; height: min(620px, calc(100dvh - var(--out) - 90px));
  display: flex; flex-direction: column; overflow: hidden; border-radius: 16px; background: var(--bg); color: var(--ink);
  font: 400 15px/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; text-align: start;
  box-shadow: 0 0 0 1px light-dark(rgb(16 32 32 / 7%), rgb(255 255 255 / 10%)), 0 4px 12px rgb(0 0 0 / 8%), 0 18px 56px rgb(0 0 0 / 22%);
  animation: rise 180ms cubic-bezier(0.2, 0.8, 0.3, 1);
}
.panel:focus { outline: none; }
:host(.right) .panel { right: calc(var(--side) + env(safe-area-inset-right)); transform-origin: bottom right; }
:host(.left) .panel { left: calc(var(--side) + env(safe-area-inset-left)); transform-origin: bottom left; }
@keyframes rise { from { opacity: 0; transform: translateY(10px) scale(0.98); } }
button, input, textarea { font: inherit; color: inherit; letter-spacing: inherit; }
h2, p, ol, ul, blockquote { margin: 0; padding: 0; list-style: none; }
a { color: var(--text); text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--text); outline-offset: 2px; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.head { position: relative; display: flex; align-items: center; gap: 4px; padding: 14px 12px 14px 16px; background: var(--accent); color: var(--on-accent); }
.head:dir(rtl) { padding: 14px 16px 14px 12px; }
.face { width: 36px; height: 36px; border-radius: 50%; display: grid; place-items: center; overflow: hidden; font-weight: 600; background: color-mix(in srgb, var(--on-accent) 16%, var(--accent)); margin-inline-end: 8px; flex: none; }
.head h2 { flex: 1; min-width: 0; font-size: 16px; font-weight: 600; line-height: 1.25; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.icon { width: 36px; height: 36px; padding: 0; border: 0; border-radius: 10px; display: grid; place-items: center; background: none; cursor: pointer; flex: none; }
.icon svg { width: 20px; height: 20px; }
.icon .dots { stroke-width: 3; }
.icon:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
.icon.small { width: 24px; height: 24px; border-radius: 6px; } .icon.small svg { width: 14px; height: 14px; }
.head .icon:focus-visible { outline-color: var(--on-accent); outline-offset: -2px; }
.menu { position: absolute; z-index: 2; top: calc(100% - 6px); inset-inline-end: 12px; min-width: 200px; max-width: 300px; padding: 6px; border-radius: 12px; background: var(--bg); color: var(--ink); box-shadow: 0 0 0 1px var(--line), 0 12px 32px rgb(0 0 0 / 22%); }
.menu > * { display: block; width: 100%; box-sizing: border-box; padding: 9px 12px; border: 0; border-radius: 8px; background: none; color: var(--ink); text-align: start; text-decoration: none; font-size: 14px; cursor: pointer; }
.menu > :hover { background: var(--sunk); }
.banner { padding: 8px 16px; font-size: 13px; color: var(--ink-2); background: var(--sunk); border-bottom: 1px solid var(--line); }

.log { flex: 1; min-height: 0; overflow: auto; overscroll-behavior: contain; padding: 18px 16px 10px; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
.log:focus-visible { outline-offset: -3px; }
.greeting { white-space: pre-wrap; overflow-wrap: anywhere; padding: 10px 14px; border-radius: 4px 16px 16px; background: var(--sunk); width: fit-content; max-width: 85%; }
.greeting:dir(rtl) { border-radius: 16px 4px 16px 16px; }
.greeting + .away, .away { margin-top: 8px; font-size: 13.5px; color: var(--ink-2); }
.lines { display: flex; flex-direction: column; }
.day, .new { align-self: stretch; display: flex; align-items: center; gap: 10px; margin: 18px 0 6px; color: var(--ink-2); font-size: 12px; }
.day::before, .day::after, .new::before, .new::after { content: ''; flex: 1; height: 1px; background: var(--line); }
.new { color: var(--text); font-weight: 600; }
.new::before, .new::after { background: currentColor; opacity: 0.35; }
.line { display: flex; flex-direction: column; max-width: 85%; margin-top: 3px; align-items: flex-start; align-self: flex-start; min-width: 0; }
.line.own { align-items: flex-end; align-self: flex-end; }
.line.first { margin-top: 12px; }
.author { font-size: 12px; color: var(--ink-2); margin: 0 4px 3px; }
.bubble { max-width: 100%; padding: 9px 13px; border-radius: 16px; overflow-wrap: anywhere; background: var(--sunk); display: flex; flex-direction: column; gap: 6px; }
.bubble p { white-space: pre-wrap; }
.theirs.first .bubble { border-start-start-radius: 4px; }
.own .bubble { background: var(--accent); color: var(--on-accent); }
.own.first .bubble { border-start-end-radius: 4px; }
.own .bubble a { color: inherit; }
.bubble.gone { background: none; color: var(--ink-2); font-style: italic; box-shadow: inset 0 0 0 1px var(--line); }
.bubble blockquote { border-inline-start: 2px solid currentColor; padding-inline-start: 8px; font-size: 13.5px; opacity: 0.85; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.meta { margin: 2px 4px 0; font-size: 11.5px; color: var(--ink-2); display: flex; align-items: center; flex-wrap: wrap; gap: 4px; white-space: pre; }
.line:not(:last-child):not(:hover):not(:focus-within) .meta:not(.failed) { display: none; }
.line:has(+ .day) .meta, .line:has(+ .first) .meta { display: flex !important; }
.meta.failed { color: var(--wrong); }
.state svg { width: 14px; height: 14px; stroke-width: 2.2; display: block; }
.plain { border: 0; padding: 2px; background: none; cursor: pointer; text-decoration: underline; text-underline-offset: 2px; }
.reactions { align-self: flex-start; font-size: 15px; }
.choices { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 10px; }
.choice { padding: 8px 14px; min-height: 38px; box-sizing: border-box; border-radius: 19px; border: 1px solid var(--text); color: var(--text); background: none; cursor: pointer; font-size: 14.5px; text-decoration: none; }
.choice:hover { background: color-mix(in srgb, var(--text) 9%, transparent); }
.typing { display: inline-flex; gap: 4px; margin-top: 12px; padding: 13px 14px; border-radius: 4px 16px 16px; background: var(--sunk); }
.typing i { width: 7px; height: 7px; border-radius: 50%; background: var(--ink-2); animation: hop 1.2s infinite; }
.typing i:nth-of-type(2) { animation-delay: 0.15s; } .typing i:nth-of-type(3) { animation-delay: 0.3s; }
@keyframes hop { 0%, 60%, 100% { opacity: 0.35; transform: none; } 30% { opacity: 1; transform: translateY(-3px); } }

.chip { display: flex; align-items: center; gap: 8px; max-width: 100%; box-sizing: border-box; padding: 7px 10px; border: 1px solid color-mix(in srgb, currentColor 22%, transparent); border-radius: 10px; background: none; color: inherit; text-align: start; text-decoration: none; font-size: 13.5px; }
button.chip:not(:disabled) { cursor: pointer; } button.chip:not(:disabled):hover { background: color-mix(in srgb, currentColor 8%, transparent); }
.chip svg { width: 17px; height: 17px; }
.name { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.size { flex: none; opacity: 0.8; font-size: 12px; }
.file { max-width: 100%; min-width: 0; }
.picture { display: block; padding: 0; border: 0; border-radius: 10px; overflow: hidden; background: none; cursor: zoom-in; max-width: 100%; }
.picture canvas { display: block; max-width: 100%; height: auto; }
.bubble:has(.picture:first-child) { padding: 5px; border-radius: 15px; }
.bubble:has(> .file > .picture) { padding: 5px; max-width: 242px; }
.bubble:has(> .file > .picture) p { padding: 4px 8px 0; }
.face canvas { display: block; width: 36px !important; height: 36px; object-fit: cover; }

.foot { border-top: 1px solid var(--line); padding-bottom: env(safe-area-inset-bottom); }
.composer { padding: 8px; }
.composer .row { display: flex; align-items: flex-end; gap: 4px; }
.composer .icon { color: var(--ink-2); height: 40px; }
.composer textarea { flex: 1; min-width: 0; box-sizing: border-box; max-height: 132px; min-height: 40px; field-sizing: content; padding: 9px 6px; border: 0; resize: none; background: none; outline: none; line-height: 22px; overflow-y: auto; scrollbar-width: thin; }
.composer:focus-within .row { box-shadow: none; }
.composer textarea::placeholder { color: var(--ink-2); opacity: 1; }
.foot:has(textarea:focus-visible) { border-top-color: var(--text); box-shadow: inset 0 1px 0 var(--text); }
.send { width: 40px; height: 40px; padding: 0; border: 0; border-radius: 50%; display: grid; place-items: center; flex: none; background: var(--accent); color: var(--on-accent); cursor: pointer; }
.send svg { width: 20px; height: 20px; stroke-width: 2.2; }
.send:disabled { background: var(--sunk); color: var(--ink-2); cursor: default; }
.chosen { display: flex; flex-wrap: wrap; gap: 6px; padding: 4px 4px 8px; }
.chosen .chip { padding-block: 3px; padding-inline-end: 4px; }
.wrong { color: var(--wrong); font-size: 13px; }
.composer .wrong { padding: 4px 8px; }

.gate { padding: 16px; max-height: 60vh; overflow: auto; }
.gate form { display: flex; flex-direction: column; gap: 12px; }
.field { display: flex; flex-direction: column; gap: 4px; }
.field label { font-size: 13.5px; font-weight: 500; }
.faint { font-weight: 400; color: var(--ink-2); }
.field input:not([type='checkbox']) { height: 42px; box-sizing: border-box; padding: 0 12px; border: 1px solid var(--field); border-radius: 10px; background: var(--bg); font-size: 15px; }
.field input:not([type='checkbox']):focus-visible { outline: 2px solid var(--text); outline-offset: -1px; border-color: transparent; }
.field input[aria-invalid='true'] { border-color: var(--wrong); }
.field .wrong:empty { display: none; }
.consent { display: grid; grid-template-columns: auto 1fr; gap: 4px 10px; align-items: start; }
.consent input { width: 20px; height: 20px; margin: 1px 0 0; accent-color: var(--accent); }
.consent label { font-weight: 400; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.4; }
.consent .wrong { grid-column: 2; }
.privacy { font-size: 13.5px; }
.solid, .outline { min-height: 42px; padding: 8px 18px; border-radius: 10px; font-weight: 600; cursor: pointer; border: 1px solid transparent; background: var(--accent); color: var(--on-accent); }
.solid:hover { filter: brightness(1.06); } .solid:disabled { opacity: 0.65; cursor: progress; }
.outline { background: none; border-color: var(--field); color: var(--ink); } .outline:hover { background: var(--sunk); }
.ask { font-weight: 600; flex-basis: 100%; }
.choice-row { display: flex; flex-wrap: wrap; gap: 10px; } .choice-row button { flex: 1; }
.sure { position: absolute; inset-inline: 12px; bottom: 12px; z-index: 3; padding: 16px; border-radius: 14px; background: var(--bg); box-shadow: 0 0 0 1px var(--line), 0 12px 40px rgb(0 0 0 / 30%); display: flex; flex-direction: column; gap: 14px; }
.buttons { display: flex; justify-content: flex-end; flex-wrap: wrap; gap: 8px; }
.drop { position: absolute; inset: 8px; z-index: 4; display: none; place-items: center; border: 2px dashed var(--text); border-radius: 12px; background: color-mix(in srgb, var(--bg) 90%, transparent); color: var(--text); font-weight: 600; pointer-events: none; }
.dragged .drop { display: grid; }

@media (max-width: 480px) {
  .panel { inset: 0 !important; top: var(--top, 0) !important; bottom: auto !important; width: 100%; height: var(--high, 100dvh); border-radius: 0; box-shadow: none; padding-top: 0; }
  .head { padding-top: calc(12px + env(safe-area-inset-top)); }
  .icon { width: 44px; height: 44px; } .icon.small { width: 32px; height: 32px; }
  .send { width: 44px; height: 44px; }
  .composer .icon { height: 44px; }
  .composer textarea { padding-block: 11px; font-size: 16px; }
  .field input:not([type='checkbox']) { font-size: 16px; }
  :host(.open) .launcher { display: none; }
}
@media (prefers-contrast: more) { :host { --line: var(--ink-2); --ink-2: var(--ink); } }
@media (forced-colors: active) { .send, .solid, .launcher, .bubble, .panel { border: 1px solid; } }
`;
