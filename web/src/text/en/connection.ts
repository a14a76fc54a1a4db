/** How the live connection is. */
export const connection = {
  connecting: 'Connecting…',
  reconnecting: 'Connection lost. Reconnecting…',
  catching_up: 'Back. Catching up…',
};
