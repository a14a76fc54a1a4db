// A Telegram that others wrote (telegram-test-api), until standard input ends.
// Usage: node server.mjs PORT

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const axios = require("axios");
const TelegramServer = require("telegram-test-api");

/** Telegram sends the hook's secret with every delivery; this server leaves it out. */
class Telegram extends TelegramServer {
  setWebhook(hook, token) {
    axios.defaults.headers.post["X-Telegram-Bot-Api-Secret-Token"] = hook.secret_token;
    super.setWebhook(hook, token);
  }
}

const server = new Telegram({ host: "127.0.0.1", port: Number(process.argv[2]) });
await server.start();
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
