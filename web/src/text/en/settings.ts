/** The frame of the settings. */
export const settings = {
  title: 'Settings',
  back: 'Back to the inbox',
  groups: {
    member: 'You',
    workspace: 'Workspace',
    work: 'Work',
    connections: 'Connections',
    data: 'Data protection',
  },
  pages: {
    security: 'Sign-in and sessions',
    tokens: 'API tokens',
    workspace: 'General',
    members: 'Members',
    teams: 'Teams',
    hours: 'Business hours',
    labels: 'Labels',
    canned: 'Canned replies',
    views: 'Saved views',
    webhooks: 'Webhooks',
    retention: 'Retention',
    keys: 'Keys',
    audit: 'Audit log',
  },
  unknown: 'There is no such page',
  unknownHint: 'It may be for others, or the address may be wrong.',
};
