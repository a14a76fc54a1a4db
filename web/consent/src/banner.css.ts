/**
 * The banner's look. The three choices are one rule: whatever is said of one of them is said of all. Nothing in here is a setting.
 */
export const BANNER = `
:host{all:initial;--ink:#1c1c1e;--soft:#55555b;--bg:#fff;--line:#8a8a90;--ring:#0b57d0;color-scheme:light}
@media(prefers-color-scheme:dark){:host(:not([data-theme=light])){--ink:#f2f2f4;--soft:#b9b9c0;--bg:#1f1f23;--line:#8f8f97;--ring:#8ab4f8;color-scheme:dark}}
:host([data-theme=dark]){--ink:#f2f2f4;--soft:#b9b9c0;--bg:#1f1f23;--line:#8f8f97;--ring:#8ab4f8;color-scheme:dark}
*{box-sizing:border-box;margin:0;padding:0;font:inherit;color:inherit}
[hidden]{display:none!important}
.banner,.again{position:fixed;z-index:2147483646;font:400 16px/24px system-ui,sans-serif;color:var(--ink);background:var(--bg);border:1px solid var(--line)}
.banner{inset:auto 0 0;display:flex;flex-direction:column;gap:12px;width:min(640px,100%);max-height:100%;margin:0 auto;padding:16px;border-radius:12px 12px 0 0;border-bottom:0;overflow:auto}
.title{padding-inline-end:48px;font-weight:600}
.signal,.text,li p,dl{color:var(--soft)}
.signal{border-inline-start:3px solid var(--line);padding-inline-start:8px}
.x{position:absolute;top:8px;inset-inline-end:8px;width:40px;height:40px;border:0;border-radius:8px;background:none;cursor:pointer;font-size:24px}
.choices{display:grid;grid-template-columns:repeat(3,192px);grid-auto-rows:1fr;gap:12px;justify-content:center}
.choices button{width:100%;min-height:48px;padding:8px;font-weight:600;text-align:center;border:1px solid var(--ink);border-radius:8px;background:var(--bg);color:var(--ink);cursor:pointer}
.links{display:flex;flex-wrap:wrap;gap:4px 16px}
a{text-decoration:underline}
ul{list-style:none;display:grid;gap:12px}
li{border-top:1px solid var(--line);padding-top:12px}
label{display:flex;gap:12px;align-items:center;min-height:24px;font-weight:600}
input{flex:none;width:20px;height:20px;accent-color:var(--ring)}
summary{cursor:pointer;width:fit-content;min-height:24px}
dl{padding:4px 0 8px 12px;overflow-wrap:anywhere}
dt{font-weight:600;color:var(--ink)}
.again{inset:auto auto 12px 12px;min-height:32px;padding:4px 12px;border-radius:16px;font-size:14px;line-height:20px;cursor:pointer}
:focus-visible{outline:3px solid var(--ring);outline-offset:2px}
@media(max-width:655px){.choices{grid-template-columns:1fr}}
@media print{.banner,.again{display:none}}
`;
