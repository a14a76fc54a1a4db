import type { Text } from '../en';
import { count } from './count';

export const palette: Text['palette'] = {
  title: 'Comandi',
  placeholder: 'Cosa vuoi fare?',
  choose: 'Scegline uno…',
  found: (n) => count(n, '# comando', '# comandi'),
  now: 'attuale',
  groups: {
    conversation: 'Conversazione',
    message: 'Messaggio',
    contact: 'Contatto',
    list: 'Elenco',
    go: 'Vai a',
    settings: 'Impostazioni',
    app: 'App',
  },
  goTo: (name) => `Vai a ${name}`,
  theme: 'Tema',
  themeWords: 'modalità scura, modalità chiara, aspetto',
  language: 'Lingua',
  narrow: 'Riduci la barra laterale',
  widen: 'Allarga la barra laterale',
  clearFilter: 'Togli il filtro',
  actWords: { merge: 'stessa persona, doppione, unire', export: 'esporta, scarica, richiesta di accesso', erase: 'elimina, dimentica, GDPR' },
};
