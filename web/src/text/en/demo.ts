/** What the demo says of itself. */
export const demo = {
  title: 'This is a demo',
  signIn: 'Sign in as',
  roles: { owner: 'Owner', admin: 'Administrator', agent: 'Agent', viewer: 'Viewer', privacy: 'Privacy officer', auditor: 'Auditor' } as Record<string, string>,
  phone: 'Open the contact’s phone beside it',
  phoneHint: 'What you write there arrives in the inbox, and your answer arrives there.',
  sidebar: 'Contact’s phone',
};
