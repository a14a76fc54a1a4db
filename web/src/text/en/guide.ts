/** The first steps of a new workspace. */
export const guide = {
  title: 'First steps',
  lead: 'A few minutes, and the first conversation is here.',
  done: 'Done',
};
