import type { Text } from '../en';

export const profile: Text['profile'] = {
  title: 'Profilo',
  name: 'Nome',
  nameHint: 'Come ti vedono i membri e i contatti.',
  nameRequired: 'Serve un nome.',
  emailHint: 'È l’indirizzo con cui accedi. Per ora non si può cambiare.',
  saved: 'Il tuo profilo è salvato.',
  looks: 'Aspetto e lingua',
  language: 'Lingua',
};
