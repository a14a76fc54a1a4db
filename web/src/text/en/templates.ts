/** Templates of a channel. */

export const templates = {
  search: 'Search templates…',
  none: 'No template yet',
  noneHint: 'Approved templates of the channel appear here.',
  others: 'Other templates',
  preview: 'How it will read',
  variable: (name: string) => `Variable ${name}`,
  header: 'Heading',
  button: (label: string) => `Value for the button “${label}”`,
  file: 'Choose the file',
  marketing: 'Advertising: it only goes to contacts who have agreed to it.',
  categories: { marketing: 'Marketing', utility: 'Utility', authentication: 'Authentication' } as Record<string, string>,
};
