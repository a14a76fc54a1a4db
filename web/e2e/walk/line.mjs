// The line between a browser and a server: a port that stays where it is while servers come and go behind it, and whose streams can fall
// silent without ending.
import { connect, createServer } from 'node:net';

const listening = (server) => new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(server.address().port)));

export class Line {
  /** What leads to the server, with whether events come over it. */
  #calls = new Set();
  #server;
  /** Where browsers come in. */
  url;
  /** Where the server listens. */
  port;

  static async open() {
    const line = new Line();
    // A port that was free a moment ago.
    const probe = createServer();
    line.port = await listening(probe);
    await new Promise((over) => probe.close(over));
    line.#server = createServer((near) => line.#lead(near));
    line.url = `http://127.0.0.1:${await listening(line.#server)}`;
    return line;
  }

  #lead(near) {
    const far = connect(this.port, '127.0.0.1');
    const one = { near, far, streams: false, silent: false };
    this.#calls.add(one);
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => {
      one.streams ||= bytes.includes('text/event-stream');
      if (!one.silent) near.write(bytes);
    });
    const over = () => {
      this.#calls.delete(one);
      far.destroy();
      if (!one.silent) near.destroy();
    };
    for (const end of [near, far]) end.on('close', over).on('error', over);
  }

  /** From now on nothing comes over the streams that are open, and they do not end. Answers how many there are. */
  stall() {
    const streams = [...this.#calls].filter((one) => one.streams);
    for (const one of streams) one.silent = true;
    return streams.length;
  }

  close() {
    for (const { near, far } of this.#calls) (near.destroy(), far.destroy());
    this.#server.close();
  }
}
