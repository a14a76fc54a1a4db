// telegraf against the simulator.

import assert from "node:assert/strict";
import http from "node:http";
import { Input, Markup, Telegraf, TelegramError } from "telegraf";
import { message } from "telegraf/filters";

export async function telegraf(world) {
  const { token, username } = await world.createBot("telegraf");
  const phone = world.phone(token, await world.createPerson("Jonas"));
  const make = () => new Telegraf(token, { telegram: { apiRoot: world.base } });
  await polling(world, make(), phone, username);
  await webhook(world, make(), phone);
}

async function polling(world, bot, phone, username) {
  bot.start((ctx) => ctx.reply("Choose", Markup.inlineKeyboard([Markup.button.callback("Yes", "yes")])));
  bot.action("yes", async (ctx) => {
    await ctx.answerCbQuery("Noted");
    await ctx.editMessageText("You said yes");
  });
  bot.on(message("document"), async (ctx) => {
    const link = await ctx.telegram.getFileLink(ctx.message.document.file_id);
    const content = Buffer.from(await (await fetch(link)).arrayBuffer());
    await ctx.replyWithDocument(Input.fromBuffer(content, "back.txt"), { caption: `got ${content}` });
  });
  bot.on(message("location"), (ctx) => ctx.replyWithLocation(ctx.message.location.latitude, 9.5));
  bot.on(message("contact"), (ctx) => ctx.replyWithContact(ctx.message.contact.phone_number, "Same"));

  await world.check("telegraf: getMe", async () => {
    assert.equal((await bot.telegram.getMe()).username, username);
  });
  const running = bot.launch();
  await world.check("telegraf: polling, inline keyboard, callback, edit", async () => {
    await phone.text("/start");
    const asked = await world.fromBot(phone, "the keyboard", (shown) => shown.keyboard);
    await phone.tap(asked.message_id, "yes");
    const edited = await world.fromBot(phone, "the edit", (shown) => shown.edited);
    assert.equal(edited.text, "You said yes");
  });
  await world.check("telegraf: document down and up", async () => {
    const base64 = Buffer.from("contents").toString("base64");
    await phone.say({ kind: "document", name: "a.txt", mime: "text/plain", base64 });
    const back = await world.fromBot(phone, "the document", (shown) => shown.kind === "document");
    assert.equal(back.text, "got contents");
    assert.equal(await (await fetch(world.base + back.media.url)).text(), "contents");
  });
  await world.check("telegraf: location and contact", async () => {
    await phone.say({ kind: "location", latitude: 45.5, longitude: 9.2 });
    const place = await world.fromBot(phone, "the location", (shown) => shown.location);
    assert.deepEqual(place.location, { latitude: 45.5, longitude: 9.5 });
    await phone.say({ kind: "contact", phone_number: "+39055501", first_name: "Luca" });
    const contact = await world.fromBot(phone, "the contact", (shown) => shown.contact);
    assert.equal(contact.contact.phone_number, "+39055501");
  });
  await world.check("telegraf: album and photo", async () => {
    const photo = () => ({ type: "photo", media: Input.fromBuffer(Buffer.from("png"), "a.png") });
    const album = await bot.telegram.sendMediaGroup(phone.id, [photo(), photo()]);
    assert.equal(album[0].media_group_id, album[1].media_group_id);
    const sent = await bot.telegram.sendPhoto(phone.id, Input.fromBuffer(Buffer.from("png"), "a.png"));
    const again = await bot.telegram.sendPhoto(phone.id, sent.photo.at(-1).file_id, { caption: "again" });
    assert.equal(again.photo.at(-1).file_unique_id, sent.photo.at(-1).file_unique_id);
  });
  await world.check("telegraf: refusals", async () => {
    await phone.block(true);
    await assert.rejects(bot.telegram.sendMessage(phone.id, "hello?"), (error) =>
      error instanceof TelegramError && error.code === 403);
    await phone.block(false);
  });
  bot.stop();
  await running;
}

async function webhook(world, bot, phone) {
  const secretToken = "secret-of-telegraf";
  bot.on(message("text"), (ctx) => ctx.reply(`hooked ${ctx.message.text}`));
  const server = http.createServer(bot.webhookCallback("/hook", { secretToken }));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  await world.check("telegraf: webhook that answers in its reply", async () => {
    const url = `http://127.0.0.1:${server.address().port}/hook`;
    await bot.telegram.setWebhook(url, { secret_token: secretToken, drop_pending_updates: true });
    await phone.text("ciao");
    await world.fromBot(phone, "the answer", (shown) => shown.text === "hooked ciao");
    await bot.telegram.deleteWebhook();
  });
  server.close();
  server.closeAllConnections();
}
