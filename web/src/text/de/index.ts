/** Every word the app says, in German. */
import type { Text } from '../en';
import { app } from './app';
import { session } from './session';
import { demo } from './demo';
import { connection } from './connection';
import { inbox } from './inbox';
import { empty } from './empty';
import { thread } from './thread';
import { state } from './state';
import { composer } from './composer';
import { contact } from './contact';
import { search } from './search';
import { channels } from './channels';
import { keys } from './keys';
import { views } from './views';
import { palette } from './palette';
import { settings } from './settings';
import { profile } from './profile';
import { push } from './push';
import { guide } from './guide';
import { problems } from './problems';
import { bulk } from './bulk';
import { filters } from './filters';
import { when } from './when';
import { planned } from './planned';
import { templates } from './templates';

const text: Text = {
  app,
  session,
  demo,
  connection,
  inbox,
  empty,
  thread,
  state,
  composer,
  contact,
  search,
  channels,
  keys,
  views,
  palette,
  settings,
  profile,
  push,
  guide,
  problems,
  bulk,
  filters,
  when,
  planned,
  templates,
};

export default text;
