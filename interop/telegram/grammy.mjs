// grammY against the simulator.

import assert from "node:assert/strict";
import http from "node:http";
import { Bot, GrammyError, InlineKeyboard, InputFile, InputMediaBuilder, webhookCallback } from "grammy";

export async function grammy(world) {
  const { token, username } = await world.createBot("grammY");
  const phone = world.phone(token, await world.createPerson("Giulia"));
  const make = () => new Bot(token, { client: { apiRoot: world.base } });
  await polling(world, make(), phone, token, username);
  await refusals(world, make(), phone, token);
  await webhook(world, make(), phone, token);
}

async function polling(world, bot, phone, token, username) {
  bot.command("start", (ctx) => ctx.reply("Choose", {
    reply_markup: new InlineKeyboard().text("Yes", "yes").text("No", "no"),
  }));
  bot.callbackQuery("yes", async (ctx) => {
    await ctx.editMessageText("You said yes");
    await ctx.answerCallbackQuery("Noted");
  });
  bot.on("message:document", async (ctx) => {
    const file = await ctx.getFile();
    const response = await fetch(`${world.base}/file/bot${token}/${file.file_path}`);
    const content = Buffer.from(await response.arrayBuffer());
    await ctx.replyWithDocument(new InputFile(content, "back.txt"), {
      caption: `got ${content}`, reply_parameters: { message_id: ctx.msg.message_id },
    });
  });
  bot.on("message_reaction", (ctx) => ctx.reply(`reaction ${ctx.messageReaction.new_reaction[0].emoji}`));
  bot.on("edited_message:text", (ctx) => ctx.reply(`edited to ${ctx.editedMessage.text}`));
  bot.on("my_chat_member", (ctx) => { bot.lastStatus = ctx.myChatMember.new_chat_member.status; });

  await world.check("grammY: getMe", async () => {
    assert.equal((await bot.api.getMe()).username, username);
  });
  const running = bot.start({
    allowed_updates: ["message", "edited_message", "callback_query", "message_reaction", "my_chat_member"],
  });
  await world.check("grammY: polling, inline keyboard, callback, edit", async () => {
    await phone.text("/start");
    const asked = await world.fromBot(phone, "the keyboard", (message) => message.keyboard);
    assert.equal(asked.keyboard[0][1].text, "No");
    await phone.tap(asked.message_id, "yes");
    const edited = await world.fromBot(phone, "the edit", (message) => message.edited);
    assert.equal(edited.text, "You said yes");
    assert.equal(edited.keyboard, null);
    const notice = await world.until("the answer", async () => (await phone.view()).notice);
    assert.equal(notice.text, "Noted");
  });
  await world.check("grammY: document down and up", async () => {
    const base64 = Buffer.from("contents").toString("base64");
    const said = await phone.say({ kind: "document", name: "a.txt", mime: "text/plain", base64 });
    const back = await world.fromBot(phone, "the document", (message) => message.kind === "document");
    assert.equal(back.text, "got contents");
    assert.equal(back.media.name, "back.txt");
    assert.equal(back.reply_to, said.message_ids[0]);
    assert.equal(await (await fetch(world.base + back.media.url)).text(), "contents");
  });
  await world.check("grammY: reaction, HTML, chat action, album", async () => {
    const [first] = await phone.messages();
    await phone.react(first.message_id, ["👍"]);
    await world.fromBot(phone, "the reaction", (message) => message.text === "reaction 👍");
    await bot.api.setMessageReaction(phone.id, first.message_id, [{ type: "emoji", emoji: "🎉" }]);
    await bot.api.sendChatAction(phone.id, "typing");
    assert.equal((await phone.view()).action, "typing");
    await bot.api.sendMessage(phone.id, "<b>bold</b>", { parse_mode: "HTML" });
    const bold = await world.fromBot(phone, "bold text", (message) => message.text === "bold");
    assert.deepEqual(bold.entities, [{ type: "bold", offset: 0, length: 4 }]);
    const picture = () => InputMediaBuilder.photo(new InputFile(Buffer.from("png"), "a.png"));
    const album = await bot.api.sendMediaGroup(phone.id, [picture(), picture()]);
    assert.equal(album.length, 2);
    assert.equal(album[0].media_group_id, album[1].media_group_id);
  });
  await world.check("grammY: block and unblock", async () => {
    await phone.block(true);
    await world.until("the block", () => bot.lastStatus === "kicked");
    await assert.rejects(bot.api.sendMessage(phone.id, "hello?"), (error) =>
      error instanceof GrammyError && error.error_code === 403
        && error.description === "Forbidden: bot was blocked by the user");
    await phone.block(false);
    await world.until("the unblock", () => bot.lastStatus === "member");
  });
  await bot.stop();
  await running;
}

async function refusals(world, bot, phone, token) {
  await world.check("grammY: 429 says when to come back", async () => {
    await world.request("POST", `/${token}/faults/calls`, {
      fault: "too_many_requests", retry_after: 3, only: "sendMessage", times: 1,
    });
    await assert.rejects(bot.api.sendMessage(phone.id, "x"), (error) =>
      error.error_code === 429 && error.parameters.retry_after === 3);
    await bot.api.sendMessage(phone.id, "second try");
  });
  await world.check("grammY: wordings of refusals", async () => {
    const says = (pattern) => (error) => pattern.test(error.description);
    await assert.rejects(bot.api.sendMessage(1, "x"), says(/^Bad Request: chat not found$/));
    await assert.rejects(bot.api.sendMessage(phone.id, "x".repeat(4097)), says(/message is too long$/));
    await assert.rejects(bot.api.sendMessage(phone.id, ""), says(/message text is empty$/));
    await assert.rejects(bot.api.deleteMessage(phone.id, 9999), says(/message to delete not found$/));
    const stranger = new Bot(`${token.split(":")[0]}:wrong`, { client: { apiRoot: world.base } });
    await assert.rejects(stranger.api.getMe(), (error) => error.error_code === 401);
  });
}

async function webhook(world, bot, phone, token) {
  const secret = "secret-of-grammy";
  bot.on("message:text", (ctx) => ctx.reply(`hooked ${ctx.msg.text}`));
  const server = http.createServer(webhookCallback(bot, "http", { secretToken: secret }));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}/hook`;
  await world.check("grammY: webhook with secret", async () => {
    await bot.api.setWebhook(url, { secret_token: secret, max_connections: 10 });
    assert.equal((await bot.api.getWebhookInfo()).url, url);
    await phone.text("ciao");
    await world.fromBot(phone, "the answer", (message) => message.text === "hooked ciao");
    await assert.rejects(bot.api.getUpdates(), (error) => error.error_code === 409);
  });
  await world.check("grammY: a wrong secret is refused and shows in getWebhookInfo", async () => {
    await bot.api.setWebhook(url, { secret_token: "another" });
    await phone.text("lost");
    const info = await world.until("the error", async () => {
      const now = await bot.api.getWebhookInfo();
      return now.last_error_message && now;
    });
    assert.match(info.last_error_message, /401/);
    assert.equal(info.pending_update_count, 1);
    await bot.api.deleteWebhook({ drop_pending_updates: true });
    assert.equal((await bot.api.getWebhookInfo()).pending_update_count, 0);
  });
  server.close();
  server.closeAllConnections();
  const sent = await world.request("GET", `/${token}/sent`);
  await world.check("grammY: the journal lists each message once", async () => {
    assert.equal(sent.filter((one) => one.text === "hooked ciao").length, 1);
    assert.equal(sent.filter((one) => one.text === "second try").length, 1);
  });
}
