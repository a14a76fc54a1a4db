// HTML mails that try to run, load, escape, cover or break something. What runs says `/__reached/` on the console.

const OUT = 'https://outside.invalid';
const RUN = 'console.log(/__reached/);parent.__reached=1;top.__reached=1';

const RUNNING = [
  `<script>${RUN}</script>`,
  `<script src="${OUT}/a.js"></script>`,
  `<script type=module>import("${OUT}/m.js")</script>`,
  `<img src=x onerror="${RUN}">`,
  `<svg onload="${RUN}"><script>${RUN}</script></svg>`,
  `<a href="javascript:${RUN}" id=go>go</a><script>go.click()</script>`,
  `<iframe srcdoc="<script>${RUN}</script>"></iframe>`,
  `<object data="data:text/html,<script>${RUN}</script>"></object>`,
  `<embed src="data:text/html,<script>${RUN}</script>">`,
  `<body onload="${RUN}">`,
  `<meta http-equiv="refresh" content="0;url=javascript:${RUN}">`,
  `<form id=f action="javascript:${RUN}"></form><button form=f autofocus onfocus="${RUN}">x</button>`,
  `<style>@keyframes a{}</style><p style="animation:a 1ms" onanimationstart="${RUN}">x</p>`,
  `<details open ontoggle="${RUN}"><summary>x</summary></details>`,
  `<video src=x onerror="${RUN}"></video>`,
  `<math href="javascript:${RUN}">x</math>`,
];

const LOADING = [
  `<img src="${OUT}/pixel.gif" width=1 height=1>`,
  `<img srcset="${OUT}/1.png 1x, ${OUT}/2.png 2x">`,
  `<picture><source srcset="${OUT}/s.webp"><img src="${OUT}/f.png"></picture>`,
  `<link rel=stylesheet href="${OUT}/a.css">`,
  `<link rel=preload as=image href="${OUT}/p.png">`,
  `<link rel=dns-prefetch href="${OUT}"><link rel=preconnect href="${OUT}">`,
  `<link rel=icon href="${OUT}/favicon.ico">`,
  `<style>@import url("${OUT}/i.css");</style>`,
  `<style>@font-face{font-family:f;src:url("${OUT}/f.woff2")}*{font-family:f}</style>`,
  `<p style="background:url(${OUT}/bg.png)">x</p>`,
  `<table background="${OUT}/t.png"><tr><td>x</table>`,
  `<body background="${OUT}/b.png">`,
  `<input type=image src="${OUT}/i.png">`,
  `<video poster="${OUT}/v.png" src="${OUT}/v.mp4" autoplay></video>`,
  `<audio src="${OUT}/a.mp3" autoplay></audio>`,
  `<track src="${OUT}/t.vtt">`,
  `<iframe src="${OUT}/frame"></iframe>`,
  `<frameset><frame src="${OUT}/frame"></frameset>`,
  `<object data="${OUT}/o.swf"></object>`,
  `<embed src="${OUT}/e.swf">`,
  `<svg><image href="${OUT}/i.svg"/><use href="${OUT}/u.svg#x"/></svg>`,
  `<svg><filter id=f><feImage href="${OUT}/fe.png"/></filter><rect filter="url(#f)" width=9 height=9 /></svg>`,
  `<base href="${OUT}/"><img src="relative.png">`,
  `<meta http-equiv=refresh content="0;url=${OUT}/away">`,
  `<a ping="${OUT}/ping" href="${OUT}/">x</a>`,
  `<form action="${OUT}/post" method=post><input name=a value=1></form>`,
  `<style>p{content:url(${OUT}/c.png)} p::before{content:url(${OUT}/d.png)}</style><p>x</p>`,
  `<style>a[href^="x"]{background:url(${OUT}/leak)} *{cursor:url(${OUT}/cur),auto;list-style-image:url(${OUT}/l)}</style>`,
  `<p style="background-image:image-set(url(${OUT}/is.png) 1x)">x</p>`,
  `<img src="//outside.invalid/noscheme.png"><img src="http://outside.invalid/plain.png">`,
  `<portal src="${OUT}"></portal>`,
  `<bgsound src="${OUT}/b.wav"><applet code="${OUT}/x.class"></applet>`,
];

const COVERING = [
  '<div style="position:fixed;inset:0;background:red;z-index:2147483647">your session has ended</div>',
  '<div style="position:absolute;top:-9999px;left:-9999px;width:99999px;height:99999px;background:red"></div>',
  '<style>html,body{display:none!important}</style>',
  '<p style="width:30000px">wide</p>',
  '<p style="font-size:4000px">huge</p>',
  '<div style="height:4000000px">tall</div>',
  `<table>${'<tr><td>'.repeat(400)}deep</table>`,
  `${'<div>'.repeat(3000)}deeper${'</div>'.repeat(3000)}`,
  '<a target=_top href="https://outside.invalid/">top</a>',
  '<form><input type=password name=p placeholder="Your password again"><button>Sign in</button></form>',
  '<dialog open style="position:fixed;inset:0">dialog</dialog>',
  '<p contenteditable autofocus tabindex=1 accesskey=s>focus</p>',
  '<marquee>running</marquee><blink>blinking</blink>',
  '<p dir=rtl>\u202Ereversed</p>',
  '<plaintext>the end',
  '<!-- <p>never closed',
  '<title>Another title</title><p>x',
  '<textarea>never closed',
  '<select><option>never closed',
  '<style>never closed',
  '<svg><foreignObject><p>in the picture</p></foreignObject></svg>',
  '<p style="color:white;background:white">unseen</p>',
  '<p>\u0000 <b>nul</b>',
  '<p>&#x202E;turned&#xFFFFFFFF;&#0;&#55296;',
];

const WORDS = '<p>An ordinary paragraph of an ordinary mail, with <b>bold</b> and a <a href="https://outside.invalid/">link</a>.</p>';

/** HTML each; the last is a megabyte long. */
export function mails() {
  const all = [...RUNNING, ...LOADING, ...COVERING];
  const wrapped = RUNNING.map((part) => `<!doctype html><html><head>${part}</head><body>${WORDS}${part}</body></html>`);
  return [...all, ...wrapped, WORDS.repeat(8_000)];
}
