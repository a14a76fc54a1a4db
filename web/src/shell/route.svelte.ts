/** Which screen is shown, kept in the address's fragment so that any server can serve the app and Back works. */
import { isView, type View } from '../inbox/views';

export type Place =
  | { screen: 'inbox'; view: View; conversation: string | null; message: string | null }
  | { screen: 'channels'; adding: string | null };

const START: Place = { screen: 'inbox', view: 'open', conversation: null, message: null };

export class Route {
  place = $state<Place>(START);

  constructor() {
    this.place = read(location.hash);
    addEventListener('hashchange', () => (this.place = read(location.hash)));
  }

  /** The view shown, or the first one while another screen is. */
  get view(): View {
    return this.place.screen === 'inbox' ? this.place.view : 'open';
  }

  get conversation(): string | null {
    return this.place.screen === 'inbox' ? this.place.conversation : null;
  }

  go(place: Place, how: 'push' | 'replace' = 'push'): void {
    const address = href(place);
    if (how === 'replace') history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    this.place = place;
  }

  open(conversation: string | null, message: string | null = null, how: 'push' | 'replace' = 'push'): void {
    this.go({ screen: 'inbox', view: this.view, conversation, message }, how);
  }
}

export function href(place: Place): string {
  const parts = place.screen === 'inbox'
    ? ['inbox', place.view, place.conversation, place.message]
    : ['channels', place.adding];
  return '#/' + parts.filter((part): part is string => Boolean(part)).map(encodeURIComponent).join('/');
}

export function read(hash: string): Place {
  const [screen, first, second, third] = hash.replace(/^#\/?/, '').split('/').map(decoded);
  if (screen === 'channels') return { screen, adding: first || null };
  if (screen !== 'inbox' || !isView(first ?? '')) return START;
  return { screen, view: first as View, conversation: second || null, message: third || null };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
