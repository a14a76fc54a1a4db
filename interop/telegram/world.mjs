// What the checks share: the simulator's control interface, waiting, and counting.

export class World {
  constructor(base) {
    this.base = base.replace(/\/$/, "");
    this.passed = 0;
    this.failed = 0;
  }

  async request(method, path, body) {
    const response = await fetch(`${this.base}/sim/telegram${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  createBot(name) {
    return this.request("POST", "/bots", { name });
  }

  createPerson(first_name) {
    return this.request("POST", "/people", { first_name, language_code: "it" });
  }

  /** A phone in somebody's hand. */
  phone(token, person) {
    const chat = `/${token}/people/${person.id}`;
    return {
      id: person.id,
      say: (saying) => this.request("POST", `${chat}/messages`, saying),
      text: (text) => this.request("POST", `${chat}/messages`, { kind: "text", text }),
      tap: (message, data) => this.request("POST", `${chat}/messages/${message}/taps`, { data }),
      react: (message, emoji) => this.request("PUT", `${chat}/messages/${message}/reactions`, { emoji }),
      block: (on) => this.request(on ? "PUT" : "DELETE", `${chat}/block`),
      messages: () => this.request("GET", `${chat}/messages`),
      view: () => this.request("GET", `${chat}/phone`),
    };
  }

  /** Waits until `look` answers something, for at most five seconds. */
  async until(what, look) {
    for (let tries = 0; tries < 100; tries += 1) {
      const found = await look();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`waited in vain for ${what}`);
  }

  /** The first of the phone's messages from the bot that fits. */
  fromBot(phone, what, fits) {
    return this.until(what, async () =>
      (await phone.messages()).find((message) => message.from === "bot" && fits(message)));
  }

  async check(name, act) {
    try {
      await act();
      this.passed += 1;
      console.log(`ok      ${name}`);
    } catch (error) {
      this.failed += 1;
      console.log(`FAILED  ${name}: ${error.stack || error}`);
    }
  }
}
