"""What a business is told, verified and read by the library."""

from pywa import types
from pywa.types import MessageStatusType
from pywa.types.templates import TemplateStatusUpdate, TemplateStatus
from pywa.utils import webhook_updates_validator

from world import ACCOUNT, ANNA, ANNAS, WORD, Webhook


def incoming(world):
    hook = Webhook(world)
    listen(world.wa, hook.told.append)
    world.check("pywa: the handshake", lambda: handshake(world, hook))
    for name, act in CHECKS.items():
        world.check(f"pywa: {name}", lambda act=act: act(world, hook))
    world.check("pywa: every signature was right", lambda: signatures(world, hook))


def listen(wa, note):
    def noted(_, update):
        note(update)

    for on in (
        wa.on_message, wa.on_callback_button, wa.on_callback_selection, wa.on_message_status, wa.on_edited_message,
        wa.on_deleted_message, wa.on_outgoing_message, wa.on_phone_number_change, wa.on_user_marketing_preferences,
        wa.on_template_status_update,
    ):
        on(noted)


def handshake(world, hook):
    app, wa = int(world.app), world.wa
    token = wa.api.get_app_access_token(client_id=app, client_secret=wa._app_secret)["access_token"]
    fields = ("messages", "user_preferences", "message_template_status_update", "smb_message_echoes")
    done = wa.api.set_app_callback_url(app, token, hook.url, WORD, fields)
    assert done == {"success": True}
    try:
        wa.api.set_app_callback_url(app, token, hook.url, "another word", fields)
    except Exception as error:
        assert "2200" in str(error), error
    else:
        raise AssertionError("a wrong word was taken")


def text(world, hook):
    said = world.say(kind="text", text="Perché 24/7? 😀", reply_to=world.buttons.id)
    heard = hook.heard(world, types.Message, lambda one: one.id == said)
    assert (heard.text, heard.from_user.wa_id, heard.from_user.name) == ("Perché 24/7? 😀", ANNAS, "Anna Rossi")
    assert heard.reply_to_message.id == world.buttons.id and heard.from_user.bsuid == world.bsuid
    heard.reply("Sempre!")
    assert world.last()["text"] == "Sempre!"


def media(world, hook):
    said = world.say(kind="image", name="a.png", mime="image/png", base64="cG5n", caption="Ecco")
    heard = hook.heard(world, types.Message, lambda one: one.id == said)
    assert heard.caption == "Ecco" and heard.image.mime_type == "image/png" and heard.image.get_bytes() == b"png"
    said = world.say(kind="voice")
    assert hook.heard(world, types.Message, lambda one: one.id == said).audio.voice
    said = world.say(kind="location", latitude=45.46, longitude=9.19)
    assert hook.heard(world, types.Message, lambda one: one.id == said).location.latitude == 45.46
    said = world.say(kind="contacts", cards=[{"name": "Luca Bianchi", "phone": "+39 02 555"}])
    assert hook.heard(world, types.Message, lambda one: one.id == said).contacts[0].name.first_name == "Luca"
    said = world.say(kind="unsupported", what="poll")
    assert hook.heard(world, types.Message, lambda one: one.id == said).error.code == 131051


def taps(world, hook):
    world.chat("POST", f"messages/{world.buttons.id}/taps", {"id": "blue"})
    button = hook.heard(world, types.CallbackButton)
    assert (button.data, button.title, button.reply_to_message.id) == ("blue", "Blue", world.buttons.id)
    world.chat("POST", f"messages/{world.rows.id}/taps", {"id": "1"})
    row = hook.heard(world, types.CallbackSelection)
    assert (row.data, row.title, row.description) == ("1", "One", "The first")
    world.chat("POST", f"messages/{world.template.id}/taps", {"id": "ok-1"})
    assert hook.heard(world, types.CallbackButton, lambda one: one.data == "ok-1").title == "Ok"


def reactions(world, hook):
    world.chat("PUT", f"messages/{world.buttons.id}/reaction", {"emoji": "👍"})
    is_reaction = lambda one: one.reaction is not None
    assert hook.heard(world, types.Message, is_reaction).reaction.emoji == "👍"
    hook.told.clear()
    world.chat("PUT", f"messages/{world.buttons.id}/reaction", {"emoji": None})
    assert hook.heard(world, types.Message, is_reaction).reaction.emoji is None


def statuses(world, hook):
    sent = world.wa.send_message(to=ANNAS, text="tracked", tracker="msg_2")
    world.chat("POST", "reads", {})
    for status in (MessageStatusType.SENT, MessageStatusType.DELIVERED, MessageStatusType.READ):
        heard = hook.heard(world, types.MessageStatus, lambda one: one.id == sent.id and one.status == status)
        assert heard.tracker == "msg_2" and heard.from_user.wa_id == ANNAS
        assert (heard.pricing is not None) == (status == MessageStatusType.DELIVERED)


def preferences(world, hook):
    world.chat("PUT", "marketing-stop", {})
    heard = hook.heard(world, types.UserMarketingPreferences)
    assert not heard and heard.from_user.wa_id == ANNAS
    world.chat("DELETE", "marketing-stop", {})


def template_status(world, hook):
    world.sim("PATCH", f"whatsapp/accounts/{ACCOUNT}/templates/{world.created}", {"status": "APPROVED"})
    heard = hook.heard(world, TemplateStatusUpdate)
    assert (heard.new_status, heard.template_id) == (TemplateStatus.APPROVED, world.created)


def own_phone(world, hook):
    world.sim("PATCH", "whatsapp/numbers/200000000000001", {"coexistence": True})
    echo = world.chat("POST", "echoes", {"kind": "text", "text": "Arrivo!"})["message_id"]
    heard = hook.heard(world, types.OutgoingMessage)
    assert (heard.id, heard.text, heard.to_user.wa_id) == (echo, "Arrivo!", ANNAS)
    said = world.say(kind="text", text="Ciao")
    world.chat("PATCH", f"messages/{said}", {"text": "Ciao!"})
    edited = hook.heard(world, types.EditedMessage)
    assert (edited.original_message_id, edited.message.text) == (said, "Ciao!")
    world.chat("DELETE", f"messages/{said}")
    assert hook.heard(world, types.DeletedMessage).original_message_id == said


def hidden_number(world, hook):
    hidden = {"name": "Ben", "number": "491701234567", "hides_number": True, "username": "ben.w"}
    world.sim("POST", "whatsapp/people", {"id": "ben", **hidden})
    ben = "whatsapp/numbers/200000000000001/people/ben/messages"
    said = world.sim("POST", ben, {"kind": "text", "text": "Hallo"})["message_id"]
    heard = hook.heard(world, types.Message, lambda one: one.id == said)
    assert heard.from_user.wa_id is None and heard.from_user.username == "ben.w"
    assert heard.from_user.country_code == "DE"
    heard.reply("Hallo Ben")
    assert world.sim("GET", ben)[-1]["text"] == "Hallo Ben"


def new_number(world, hook):
    world.sim("PATCH", f"whatsapp/people/{ANNA}", {"number": "393450000001"})
    heard = hook.heard(world, types.PhoneNumberChange)
    assert (heard.old_wa_id, heard.new_wa_id) == (ANNAS, "393450000001"), heard
    assert heard.new_user_id and heard.new_user_id != world.bsuid


def signatures(world, hook):
    assert hook.bodies and set(hook.statuses) == {200}, hook.statuses
    for body, given in hook.bodies:
        assert webhook_updates_validator(world.wa._app_secret, body, given)
        assert not webhook_updates_validator(world.wa._app_secret, body + b" ", given)
        assert body.isascii()


CHECKS = {
    "text in, an answer out": text,
    "media, places and contacts in": media,
    "taps": taps,
    "reactions in": reactions,
    "statuses with our own mark": statuses,
    "no more marketing": preferences,
    "a template was decided on": template_status,
    "the business's own phone, edits and deletions": own_phone,
    "a hidden number": hidden_number,
    "a new number": new_number,
}
