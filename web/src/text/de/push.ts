import type { Text } from '../en';

export const push: Text['push'] = {
  title: 'Benachrichtigungen',
  lead: 'Wenn Sie etwas betrifft, während Parloir geschlossen ist, kann dieser Browser Bescheid geben. Die Nachricht sagt, dass etwas da ist, nie wer oder was.',
  turnOn: 'In diesem Browser einschalten',
  turnOff: 'Ausschalten',
  turnedOn: 'Benachrichtigungen sind eingeschaltet.',
  turnedOff: 'Benachrichtigungen sind ausgeschaltet.',
  failed: 'Der Push-Dienst des Browsers hat nicht geantwortet. Versuchen Sie es später noch einmal.',
  somethingNew: 'Es gibt etwas Neues für Sie',
  open: 'Öffnen Sie Parloir, um es zu sehen.',
  states: {
    unsupported: 'Dieser Browser kann keine Benachrichtigungen zeigen. Legen Sie Parloir auf einem iPhone oder iPad zuerst auf den Home-Bildschirm.',
    insecure: 'Browser erlauben Benachrichtigungen nur über https.',
    absent: 'Dieser Server verschickt keine Benachrichtigungen.',
    denied: 'Dieser Browser blockiert Benachrichtigungen von Parloir. Erlauben Sie sie in den Browser-Einstellungen für diese Seite, und kommen Sie dann zurück.',
    off: 'In diesem Browser ausgeschaltet.',
    on: 'In diesem Browser eingeschaltet.',
  },
  unassigned: 'Auch, was niemand übernommen hat',
  unassignedHint: 'Sonst erfahren Sie von Ihren eigenen Gesprächen, von Notizen, die Sie nennen, und, wenn Sie Kanäle betreuen, von einem, der nicht mehr geht.',
};
