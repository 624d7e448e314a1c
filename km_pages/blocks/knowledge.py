"""Blocks of a knowledge item's body.

Rich text here has no documents, images or embeds: those would be served from public storage,
past the rule of :mod:`km_pages.visibility`. Files are attached instead.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks import StructBlock
from wagtail.contrib.table_block.blocks import TableBlock

from km_pages.blocks.video import VideoBlock

TEXT_FEATURES = ["h3", "h4", "bold", "italic", "ol", "ul", "link", "hr"]


class ContactBlock(StructBlock):
    """Somebody worth knowing, and what for."""

    name = blocks.CharBlock(label=_("Name"), max_length=120)
    role = blocks.CharBlock(label=_("Role"), max_length=120, required=False)
    organisation = blocks.CharBlock(label=_("Organisation"), max_length=160, required=False)
    phone = blocks.CharBlock(label=_("Phone"), max_length=60, required=False)
    email = blocks.EmailBlock(label=_("E-mail"), required=False)
    what_for = blocks.CharBlock(label=_("Call them about"), max_length=255)
    how_well = blocks.CharBlock(label=_("How well you know them"), max_length=160, required=False)


class ContactsBlock(StructBlock):
    """A list of contacts."""

    entries = blocks.ListBlock(ContactBlock(), label=_("Contacts"))

    class Meta:
        icon = "group"
        label = _("Contacts")
        description = _("People worth knowing: who, how to reach them, what for")
        template = "km_pages/blocks/contacts.html"
        preview_value = {
            "entries": [
                {
                    "name": "Sam Green",
                    "role": "Supplier's engineer",
                    "organisation": "Pump Works",
                    "phone": "020 7946 0101",
                    "email": "sam.green@example.org",
                    "what_for": "Infusion pumps that will not charge",
                    "how_well": "Answers within the hour",
                }
            ]
        }


class DateEntryBlock(StructBlock):
    """Something that happens at a time of the year."""

    what = blocks.CharBlock(label=_("What happens"), max_length=160)
    when_text = blocks.CharBlock(
        label=_("When"), max_length=120, help_text=_("For example: first Monday in April")
    )
    date = blocks.DateBlock(label=_("Day, for calendars"), required=False)
    month = blocks.ChoiceBlock(
        label=_("Month"),
        required=False,
        choices=[
            (str(number), name)
            for number, name in enumerate(
                (
                    _("January"),
                    _("February"),
                    _("March"),
                    _("April"),
                    _("May"),
                    _("June"),
                    _("July"),
                    _("August"),
                    _("September"),
                    _("October"),
                    _("November"),
                    _("December"),
                ),
                start=1,
            )
        ],
    )
    every_year = blocks.BooleanBlock(label=_("Every year"), required=False)
    note = blocks.CharBlock(label=_("What to prepare"), max_length=255, required=False)


class DatesBlock(StructBlock):
    """Dates to remember."""

    entries = blocks.ListBlock(DateEntryBlock(), label=_("Dates"))

    class Meta:
        icon = "date"
        label = _("Dates to remember")
        description = _("What comes round in the year, and what to prepare")
        template = "km_pages/blocks/dates.html"
        preview_value = {
            "entries": [
                {
                    "what": "Order flu vaccine",
                    "when_text": "Last week of June",
                    "month": "6",
                    "every_year": True,
                    "note": "Ask pharmacy for last year's number first",
                }
            ]
        }


class WorkInHandEntryBlock(StructBlock):
    """One piece of unfinished work."""

    title = blocks.CharBlock(label=_("Piece of work"), max_length=160)
    position = blocks.TextBlock(label=_("Where it stands"), rows=2)
    next_step = blocks.CharBlock(label=_("Next step"), max_length=255)
    owner = blocks.CharBlock(label=_("Who takes it on"), max_length=120, required=False)
    due = blocks.CharBlock(label=_("By when"), max_length=80, required=False)
    risk = blocks.CharBlock(label=_("What could go wrong"), max_length=255, required=False)


class WorkInHandBlock(StructBlock):
    """Work in hand."""

    entries = blocks.ListBlock(WorkInHandEntryBlock(), label=_("Work in hand"))

    class Meta:
        icon = "tasks"
        label = _("Work in hand")
        description = _("Unfinished work: where it stands, the next step, who takes it on")
        template = "km_pages/blocks/work_in_hand.html"
        preview_value = {
            "entries": [
                {
                    "title": "New rota",
                    "position": "Draft agreed with the night team",
                    "next_step": "Ask the day team by Friday",
                    "owner": "Deputy manager",
                    "due": "4 December 2026",
                    "risk": "Two people on leave",
                }
            ]
        }


class QuestionBlock(StructBlock):
    """A question and its answer."""

    question = blocks.CharBlock(label=_("Question"), max_length=255)
    answer = blocks.TextBlock(label=_("Answer"), rows=3)


class QuestionsBlock(StructBlock):
    """Questions and answers."""

    entries = blocks.ListBlock(QuestionBlock(), label=_("Questions and answers"))

    class Meta:
        icon = "help"
        label = _("Questions and answers")
        description = _("What colleagues ask, with the answers")
        template = "km_pages/blocks/questions.html"
        preview_value = {
            "entries": [
                {"question": "Who has the key?", "answer": "The porter's desk, day and night."}
            ]
        }


class HowToStepBlock(StructBlock):
    """A step of a procedure."""

    title = blocks.CharBlock(label=_("Step"), max_length=160)
    text = blocks.TextBlock(label=_("What to do"), rows=2, required=False)
    caution = blocks.CharBlock(label=_("Take care"), max_length=255, required=False)


class HowToBlock(StructBlock):
    """A procedure in steps."""

    title = blocks.CharBlock(label=_("How to …"), max_length=160)
    steps = blocks.ListBlock(HowToStepBlock(), label=_("Steps"))
    last_tested_by = blocks.CharBlock(label=_("Last tested by"), max_length=120, required=False)
    last_tested_on = blocks.DateBlock(label=_("Last tested on"), required=False)

    class Meta:
        icon = "list-ol"
        label = _("How to, in steps")
        description = _("A procedure in steps, with who tested it last")
        template = "km_pages/blocks/how_to.html"
        preview_value = {
            "title": "Start the label printer",
            "steps": [{"title": "Hold the green button", "text": "Five seconds.", "caution": ""}],
            "last_tested_by": "Night clerk",
            "last_tested_on": None,
        }


class CalloutBlock(StructBlock):
    """A note or a warning that stands out."""

    kind = blocks.ChoiceBlock(
        label=_("Kind"), choices=[("note", _("Note")), ("warning", _("Warning"))], default="note"
    )
    title = blocks.CharBlock(label=_("Title"), max_length=120)
    text = blocks.TextBlock(label=_("Text"), rows=3)

    class Meta:
        icon = "warning"
        label = _("Call-out")
        description = _("A note or a warning that stands out")
        template = "km_pages/blocks/callout.html"
        preview_value = {"kind": "warning", "title": "Before you start", "text": "Tell the desk."}


class LinkValue(blocks.StructValue):
    """A link, which knows whether a browser can open it."""

    @property
    def is_web(self) -> bool:
        """Whether it is an address and not a path on a shared drive."""
        return str(self["url_or_path"]).lower().startswith(("https://", "http://", "mailto:"))


class LinkBlock(StructBlock):
    """A link, or the path of a file or folder on a shared drive."""

    title = blocks.CharBlock(label=_("Name"), max_length=160)
    url_or_path = blocks.CharBlock(
        label=_("Address or file path"),
        max_length=500,
        help_text=_("https://… or a path such as S:\\Ward 7\\Rotas"),
    )
    why = blocks.CharBlock(label=_("What it is good for"), max_length=255, required=False)

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        """Refuse addresses that would run something when clicked (``javascript:``, ``data:``)."""
        cleaned = super().clean(value)
        target = "".join(cleaned["url_or_path"].split()).lower()
        if target.startswith(("javascript:", "data:", "vbscript:")):
            message = _("This address cannot be used. Give an address that starts with https://.")
            raise blocks.StructBlockValidationError(
                block_errors={"url_or_path": ValidationError(message)}
            )
        return cleaned

    class Meta:
        icon = "link"
        label = _("Link or file path")
        description = _("An address, or a path on a shared drive, and what it is good for")
        template = "km_pages/blocks/link.html"
        value_class = LinkValue
        preview_value = {
            "title": "Rota folder",
            "url_or_path": "S:\\Ward 7\\Rotas",
            "why": "The current rota and last year's",
        }


class KnowledgeBodyBlock(blocks.StreamBlock):
    """Everything that the body of a knowledge item can hold."""

    text = blocks.RichTextBlock(
        label=_("Text"),
        icon="pilcrow",
        features=TEXT_FEATURES,
        description=_("Paragraphs, lists and small headings"),
        preview_value="<p>Ring the bell twice; the second ring wakes the printer.</p>",
    )
    contacts = ContactsBlock()
    dates = DatesBlock()
    work_in_hand = WorkInHandBlock()
    questions = QuestionsBlock()
    how_to = HowToBlock()
    table = TableBlock(
        label=_("Table"),
        description=_("A small table with a heading row"),
        preview_value={"data": [["Day", "Who"], ["Monday", "Ana"]], "first_row_is_table_header": 1},
    )
    callout = CalloutBlock()
    link = LinkBlock()
    video = VideoBlock()
