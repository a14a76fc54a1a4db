/** The commands that are there on every screen: going somewhere, looking otherwise, leaving. */
import Smartphone from '@lucide/svelte/icons/smartphone';
import Command from '@lucide/svelte/icons/command';
import Contrast from '@lucide/svelte/icons/contrast';
import Keyboard from '@lucide/svelte/icons/keyboard';
import Languages from '@lucide/svelte/icons/languages';
import LogOut from '@lucide/svelte/icons/log-out';
import PanelLeft from '@lucide/svelte/icons/panel-left';
import Search from '@lucide/svelte/icons/search';
import Settings from '@lucide/svelte/icons/settings';
import Undo from '@lucide/svelte/icons/undo-2';
import type { App } from '../app.svelte';
import { VIEWS, type FixedView, type View } from '../inbox/views';
import type { SettingsEntry } from '../settings/pages';
import { inbox, settings } from '../shell/route.svelte';
import { THEMES } from '../shell/theme.svelte';
import { viewIcon, viewName } from '../shell/views';
import { LANGUAGES, t, type Language } from '../text/text';
import type { Choice, Command as Offered } from './commands.svelte';

/** `g` and then this letter. */
const LETTERS: Record<FixedView, string> = { open: 'o', mine: 'm', unassigned: 'u', mentions: 'n', snoozed: 'z', all: 'a', resolved: 'r' };

/** `pages`: those of the settings that this member may see. */
export function lasting(app: App, pages: readonly SettingsEntry[]): Offered[] {
  return [...going(app), ...configuring(app, pages), ...looking(app), ...leaving(app)];
}

function going(app: App): Offered[] {
  const fixed = VIEWS.map((view): Offered => ({
    id: `go.${view}`, group: 'go', label: t.palette.goTo(viewName(app, view)), icon: viewIcon(app, view), keys: [`g ${LETTERS[view]}`], run: () => app.route.go(inbox(view)),
  }));
  const others: View[] = [
    ...app.inbox.saved.map((one): View => `view:${one.id}`),
    ...app.workplace.teams.map((one): View => `team:${one.id}`),
    ...app.channels.all.map((one): View => `channel:${one.id}`),
    ...app.workplace.labels.map((one): View => `label:${one.name}`),
  ];
  const named = others.map((view): Offered => ({
    id: `go.${view}`, group: 'go', label: t.palette.goTo(viewName(app, view)), icon: viewIcon(app, view), hint: t.views.kinds[view.slice(0, view.indexOf(':')) as keyof typeof t.views.kinds], run: () => app.route.go(inbox(view)),
  }));
  return [
    { id: 'search', group: 'go', label: t.search.title, icon: Search, keys: ['/', 'Mod+/'], run: () => app.frame.open('search') },
    ...fixed,
    ...named,
  ];
}

function configuring(app: App, pages: readonly SettingsEntry[]): Offered[] {
  return [
    { id: 'settings', group: 'settings', label: t.settings.title, icon: Settings, keys: ['g s', 'Mod+,'], run: () => app.route.go(settings()) },
    ...pages.map((page): Offered => ({ id: `settings.${page.name}`, group: 'settings', label: page.label(), icon: page.icon, hint: t.settings.title, run: () => app.route.go(settings(page.name)) })),
  ];
}

function looking(app: App): Offered[] {
  const themes = () => THEMES.map((theme): Choice => ({ id: theme, label: t.app.themes[theme], chosen: app.theme.current === theme, run: () => app.theme.choose(theme) }));
  const languages = () => Object.entries(LANGUAGES).map(([code, name]): Choice => ({ id: code, label: name, chosen: app.language.current === code, run: () => void app.speak(code as Language) }));
  return [
    { id: 'palette', group: 'app', label: t.palette.title, icon: Command, keys: ['Mod+k'], silent: true, run: () => app.frame.open('palette') },
    { id: 'undo', group: 'app', label: t.app.undo, icon: Undo, keys: ['z'], silent: true, run: () => app.takeBack() },
    { id: 'theme', group: 'app', label: t.palette.theme, icon: Contrast, words: t.palette.themeWords, choices: themes },
    { id: 'language', group: 'app', label: t.palette.language, icon: Languages, words: 'language, lingua, idioma, sprache', choices: languages },
    { id: 'sidebar', group: 'app', label: app.frame.narrow ? t.palette.widen : t.palette.narrow, icon: PanelLeft, keys: ['['], run: () => app.frame.turnSidebar() },
    { id: 'keys', group: 'app', label: t.keys.title, icon: Keyboard, keys: ['?'], run: () => app.frame.open('keys') },
  ];
}

function leaving(app: App): Offered[] {
  const phone = app.session.me?.demo?.phone_url;
  const open: Offered[] = phone ? [{ id: 'phone', group: 'app', label: t.demo.sidebar, icon: Smartphone, run: () => void window.open(phone, '_blank', 'noopener') }] : [];
  return [...open, { id: 'sign-out', group: 'app', label: t.app.signOut, icon: LogOut, run: () => void app.signOut() }];
}
