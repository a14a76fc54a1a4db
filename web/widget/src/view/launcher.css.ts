// The button's own style. Nothing of the page gets in here, and nothing of this gets out.

export const LAUNCHER = `
:host {
  all: initial !important;
  position: fixed !important; inset-block-end: 0 !important; z-index: 2147483000 !important;
  display: block !important; width: 0 !important; height: 0 !important; color-scheme: light dark !important;
  --out: 20px; --side: 20px;
}
:host(.right) { right: 0 !important; }
:host(.left) { left: 0 !important; }
:host([data-theme='light']) { color-scheme: light !important; }
:host([data-theme='dark']) { color-scheme: dark !important; }
@media (max-width: 480px) { :host { --out: 16px; --side: 16px; } }
@media print { :host { display: none !important; } }
* { box-sizing: border-box; }
svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; flex: none; }
.launcher {
  position: fixed; bottom: calc(var(--out) + env(safe-area-inset-bottom)); width: 56px; height: 56px; padding: 0; border: 0; border-radius: 50%;
  display: grid; place-items: center; cursor: pointer; color: var(--on-accent); background: var(--accent);
  box-shadow: 0 1px 2px rgb(0 0 0 / 16%), 0 6px 20px rgb(0 0 0 / 20%); transition: transform 160ms ease, box-shadow 160ms ease;
  -webkit-tap-highlight-color: transparent; touch-action: manipulation;
}
:host(.right) .launcher { right: calc(var(--side) + env(safe-area-inset-right)); }
:host(.left) .launcher { left: calc(var(--side) + env(safe-area-inset-left)); }
.launcher:hover { transform: translateY(-1px); box-shadow: 0 1px 2px rgb(0 0 0 / 16%), 0 9px 26px rgb(0 0 0 / 24%); }
.launcher:active { transform: scale(0.96); }
.launcher:focus-visible { outline: 2px solid light-dark(#fff, #1f2526); outline-offset: 0; box-shadow: 0 0 0 5px var(--accent), 0 6px 20px rgb(0 0 0 / 20%); }
.launcher svg { grid-area: 1 / 1; width: 26px; height: 26px; transition: opacity 160ms ease, transform 160ms ease; }
.launcher .cross { opacity: 0; transform: rotate(-45deg) scale(0.7); }
.launcher[aria-expanded='true'] .cross { opacity: 1; transform: none; }
.launcher[aria-expanded='true'] .speech { opacity: 0; transform: rotate(45deg) scale(0.7); }
.launcher[aria-busy='true'] .speech { animation: beat 1s ease-in-out infinite; }
.badge {
  position: absolute; top: -3px; inset-inline-end: -3px; min-width: 21px; height: 21px; padding: 0 6px; border-radius: 11px; border: 2px solid light-dark(#fff, #14191a);
  display: grid; place-items: center; background: #c8281e; color: #fff; font: 700 11.5px/1 system-ui, sans-serif; box-sizing: border-box;
}
.badge[hidden] { display: none; }
@keyframes beat { 50% { opacity: 0.45; } }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
`;
