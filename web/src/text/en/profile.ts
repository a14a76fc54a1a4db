/** The member’s own page of the settings. */
export const profile = {
  title: 'Profile',
  name: 'Name',
  nameHint: 'How members and contacts see you.',
  nameRequired: 'A name is needed.',
  emailHint: 'You sign in with it. It cannot be changed yet.',
  saved: 'Your profile is saved.',
  looks: 'Look and language',
  language: 'Language',
};
