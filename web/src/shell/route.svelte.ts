/** Which screen is shown, kept in the address's fragment so that any server can serve the app and Back works. */
import { isView, type View } from '../inbox/views';

export type Place =
  | { screen: 'inbox'; view: View; conversation: string | null; message: string | null }
  /** Without a page it is their list, on screens too narrow for both. */
  | { screen: 'settings'; page: string | null; item: string | null }
  /** The first steps of a new workspace. */
  | { screen: 'guide' }
  /** Somebody who is not a member yet. What the server must not see in its logs stays behind the #. */
  | { screen: 'invitation'; token: string };

const START: Place = { screen: 'inbox', view: 'open', conversation: null, message: null };

export class Route {
  place = $state<Place>(START);
  /** The view shown, or the one last shown while another screen is. */
  view = $state<View>('open');

  constructor() {
    this.#show(read(location.hash));
    addEventListener('hashchange', () => this.#show(read(location.hash)));
  }

  get conversation(): string | null {
    return this.place.screen === 'inbox' ? this.place.conversation : null;
  }

  go(place: Place, how: 'push' | 'replace' = 'push'): void {
    const address = href(place);
    if (how === 'replace') history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    this.#show(place);
  }

  open(conversation: string | null, message: string | null = null, how: 'push' | 'replace' = 'push'): void {
    this.go({ screen: 'inbox', view: this.view, conversation, message }, how);
  }

  #show(place: Place): void {
    this.place = place;
    if (place.screen === 'inbox') this.view = place.view;
  }
}

export function inbox(view: View): Place {
  return { screen: 'inbox', view, conversation: null, message: null };
}

export function settings(page: string | null = null, item: string | null = null): Place {
  return { screen: 'settings', page, item };
}

export function href(place: Place): string {
  return '#/' + parts(place).filter((part): part is string => Boolean(part)).map(escaped).join('/');
}

function parts(place: Place): (string | null)[] {
  switch (place.screen) {
    case 'inbox': return ['inbox', place.view, place.conversation, place.message];
    case 'settings': return ['settings', place.page, place.item];
    case 'invitation': return ['join', place.token];
    case 'guide': return ['guide'];
  }
}

/** A colon needs no escape in a fragment, and `team:tea_…` is easier to read with it. */
function escaped(part: string): string {
  return encodeURIComponent(part).replaceAll('%3A', ':');
}

export function read(hash: string): Place {
  const [screen, first, second, third] = hash.replace(/^#\/?/, '').split('/').map(decoded);
  switch (screen) {
    case 'settings': return settings(first || null, second || null);
    // As addresses were before there were settings.
    case 'channels': return settings('channels', first || null);
    case 'guide': return { screen };
    // As the server writes it into the link, and by its full name.
    case 'join': case 'invitation': return first ? { screen: 'invitation', token: first } : START;
    case 'inbox': return isView(first ?? '') ? { screen, view: first as View, conversation: second || null, message: third || null } : START;
    default: return START;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
