"""What a business sends and looks up through the library."""

from pywa.errors import ReEngagementMessage, WhatsAppError
from pywa.types import Button, Contact, Industry, Pagination, Section, SectionList, SectionRow, URLButton
from pywa.types.templates import (
    BodyText,
    QuickReplyButton,
    Template,
    TemplateCategory,
    TemplateLanguage,
    TemplateStatus,
)

from world import ACCOUNT, ANNAS, NUMBER


def outgoing(world):
    world.check("pywa: the window is closed until somebody writes", lambda: closed(world))
    world.first = world.say(kind="text", text="Buongiorno")
    for name, act in CHECKS.items():
        world.check(f"pywa: {name}", lambda act=act: act(world))


def refused(kind, act):
    try:
        act()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} did not come")


def closed(world):
    error = refused(ReEngagementMessage, lambda: world.wa.send_message(to=ANNAS, text="too late"))
    assert error.code == 131047 and error.fbtrace_id and error.details, error


def text(world):
    sent = world.wa.send_message(to=ANNAS, text="Buongiorno à vous/24", reply_to_message_id=world.first, tracker="msg_1")
    shown = world.last()
    assert (shown["message_id"], shown["text"], shown["reply_to"]) == (sent.id, "Buongiorno à vous/24", world.first)
    assert sent.input == ANNAS and shown["ticks"] == "delivered", shown


def by_id(world):
    user = world.sim("GET", "whatsapp/people")[0]
    world.wa.send_message(to=world.bsuid, text="by id")
    assert world.last()["text"] == "by id" and user["number"] == ANNAS


def buttons(world):
    world.buttons = world.wa.send_message(
        to=ANNAS, text="Which?", header="Shop", footer="Choose", buttons=[Button("Red", "red"), Button("Blue", "blue")]
    )
    shown = world.last()
    assert [one["text"] for one in shown["buttons"]] == ["Red", "Blue"], shown
    assert (shown["header"], shown["footer"]) == ("Shop", "Choose")
    world.wa.send_message(to=ANNAS, text="See", buttons=URLButton("Open", "https://shop.example"))
    assert world.last()["buttons"][0]["url"] == "https://shop.example"


def rows(world):
    menu = SectionList("Open", [Section("All", [SectionRow("One", "1", "The first"), SectionRow("Two", "2")])])
    world.rows = world.wa.send_message(to=ANNAS, text="Which one?", buttons=menu)
    assert world.last()["list"]["sections"][0]["rows"][0]["description"] == "The first"
    too_long = SectionList("Open", [Section("All", [SectionRow("x" * 25, "1")])])
    assert refused(WhatsAppError, lambda: world.wa.send_message(to=ANNAS, text="x", buttons=too_long)).code == 100


def template(world):
    components = [
        {"type": "BODY", "text": "Ciao {{1}}, ordine {{2}}"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Ok"}]},
    ]
    card = {"name": "order", "language": "it", "category": "UTILITY", "components": components}
    world.sim("POST", f"whatsapp/accounts/{ACCOUNT}/templates", card)
    parameters = [BodyText.params("Anna", "A-1"), QuickReplyButton.params(callback_data="ok-1", index=0)]
    send = lambda given: world.wa.send_template(to=ANNAS, name="order", language=TemplateLanguage.ITALIAN, params=given)
    world.template = send(parameters)
    shown = world.last()
    assert (shown["text"], shown["buttons"][0]["id"]) == ("Ciao Anna, ordine A-1", "ok-1"), shown
    assert refused(WhatsAppError, lambda: send([BodyText.params("Anna")])).code == 132000


def templates(world):
    for name in ("a", "b", "c"):
        card = {"name": name, "language": "en", "category": "MARKETING", "components": [{"type": "BODY", "text": name}]}
        world.sim("POST", f"whatsapp/accounts/{ACCOUNT}/templates", card)
    first = world.wa.get_templates(pagination=Pagination(limit=3))
    assert first.total_count == 4 and first.has_next
    second = world.wa.get_templates(pagination=Pagination(limit=3, after=first.after))
    assert not second.has_next
    names = [one.name for one in [*first, *second]]
    assert names == ["order", "a", "b", "c"], names
    found = world.wa.get_templates(statuses=[TemplateStatus.APPROVED], categories=[TemplateCategory.UTILITY])
    assert [one.name for one in found] == ["order"] and found[0].language == TemplateLanguage.ITALIAN


def create_template(world):
    body = BodyText("Ciao {{name}}", name="Anna")
    new = Template(
        name="hello", language=TemplateLanguage.ITALIAN, category=TemplateCategory.UTILITY, components=[body]
    )
    created = world.wa.create_template(new)
    assert created.status == TemplateStatus.PENDING and created.id, created
    world.created = created.id


def drop_template(world):
    kept = len(list(world.wa.get_templates()))
    for name, language in (("gone", "it"), ("gone", "en"), ("part", "it"), ("part", "en")):
        card = {"name": name, "language": language, "category": "UTILITY", "components": [{"type": "BODY", "text": name}]}
        world.sim("POST", f"whatsapp/accounts/{ACCOUNT}/templates", card)
    one = next(found for found in world.wa.get_templates() if found.name == "part")
    assert world.wa.delete_template("part", template_id=one.id), "one language of it"
    assert world.wa.delete_template("gone"), "all languages of it"
    left = [(found.name, found.id) for found in world.wa.get_templates()]
    assert len(left) == kept + 1 and one.id not in [known for _, known in left], left
    world.wa.delete_template("part")
    assert refused(WhatsAppError, lambda: world.wa.delete_template("nothing")).code == 132001


def profile(world):
    shown = dict(
        about="Pane e dolci", address="Via Dante 1", description="Dal 1961", email="info@shop.example",
        industry=Industry.GROCERY, websites=("https://shop.example", "https://shop.example/it"),
    )
    assert world.wa.update_business_profile(**shown)
    known = world.wa.get_business_profile()
    assert {key: getattr(known, key) for key in shown} == shown, known
    assert world.wa.update_business_profile(about="Pane")
    known = world.wa.get_business_profile()
    assert (known.about, known.address) == ("Pane", "Via Dante 1"), "the rest stays"
    assert refused(WhatsAppError, lambda: world.wa.update_business_profile(about="x" * 140)).code == 100
    assert refused(WhatsAppError, lambda: world.wa.update_business_profile(websites=["https://a.example"] * 3)).code == 100


def media(world):
    uploaded = world.wa.upload_media(b"%PDF", mime_type="application/pdf", filename="a.pdf")
    sent = world.wa.send_document(to=ANNAS, document=uploaded.id, filename="offerta.pdf", caption="Ecco")
    shown = world.last()
    assert (shown["message_id"], shown["text"], shown["media"]["name"]) == (sent.id, "Ecco", "offerta.pdf"), shown
    url = world.wa.get_media_url(uploaded.id)
    assert url.mime_type == "application/pdf" and url.file_size == 4 and url.url.startswith(world.base)
    assert url.get_bytes() == b"%PDF"
    assert world.wa.delete_media(uploaded.id)
    assert refused(WhatsAppError, lambda: world.wa.get_media_url(uploaded.id)).code == 100
    world.wa.send_image(to=ANNAS, image=b"\x89PNG", mime_type="image/png")
    assert world.last()["kind"] == "image"


def reaction(world):
    world.wa.send_reaction(to=ANNAS, emoji="🎉", message_id=world.first)
    shown = lambda: next(one for one in world.chat("GET", "messages") if one["message_id"] == world.first)
    assert shown()["business_reaction"] == "🎉"
    world.wa.remove_reaction(to=ANNAS, message_id=world.first)
    assert shown()["business_reaction"] is None


def place_and_contact(world):
    world.wa.send_location(to=ANNAS, latitude=45.46, longitude=9.19, name="Duomo", address="Milano")
    assert world.last()["body"]["name"] == "Duomo"
    name = Contact.Name(formatted_name="Luca Bianchi", first_name="Luca")
    world.wa.send_contact(to=ANNAS, contact=Contact(name=name, phones=[Contact.Phone(phone="+39 02 555")]))
    assert world.last()["body"][0]["name"]["first_name"] == "Luca"


def read_and_typing(world):
    assert world.wa.mark_message_as_read(world.first)
    phone = world.chat("GET", "phone")
    assert phone["messages"][0]["seen"] and phone["typing_for_ms"] == 0
    assert world.wa.indicate_typing(world.first)
    assert world.chat("GET", "phone")["typing_for_ms"] == 25000


def number(world):
    known = world.wa.get_business_phone_number()
    assert (known.id, known.display_phone_number, known.quality_rating) == (NUMBER, "+390255500199", "GREEN"), known


def stranger(world):
    unknown = lambda: world.wa.send_message(to="390000", text="x")
    assert refused(WhatsAppError, unknown).code == 131026


CHECKS = {
    "text, quoting": text,
    "a message to an id": by_id,
    "buttons and a link": buttons,
    "a list": rows,
    "a template with parameters": template,
    "templates by page": templates,
    "a template handed in": create_template,
    "a template taken back": drop_template,
    "the business profile": profile,
    "media up, down and away": media,
    "reactions": reaction,
    "places and contacts": place_and_contact,
    "read and typing": read_and_typing,
    "the number's fields": number,
    "refusals": stranger,
}
