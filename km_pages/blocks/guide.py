"""Blocks of technique guides and toolkit activities: steps, roles, outputs, examples, sources."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks import StreamBlock, StructBlock
from wagtail.documents.blocks import DocumentChooserBlock

from km_pages.blocks.links import LinkedPageBlock


class LinesBlock(StreamBlock):
    """A plain list of short texts, each a line of its own."""

    line = blocks.CharBlock(label=_("Line"), max_length=500)

    class Meta:
        icon = "list-ul"


class StepBlock(StructBlock):
    """One timed step that a stranger can run: what happens, who leads, what to say."""

    title = blocks.CharBlock(label=_("Step"), max_length=120)
    minutes = blocks.IntegerBlock(
        label=_("Minutes"),
        min_value=0,
        max_value=10_080,
        help_text=_("How long this step takes. 0 for a step outside the meeting."),
    )
    who = blocks.CharBlock(label=_("Who leads it"), max_length=120, required=False)
    instruction = blocks.TextBlock(label=_("What to do"), rows=3)
    prompt = blocks.TextBlock(
        label=_("What to say"),
        rows=2,
        required=False,
        help_text=_("Words that can be read out. Leave empty if nothing is said."),
    )

    class Meta:
        icon = "time"
        label = _("Step")
        description = _("A timed step: minutes, who leads it, what to do and what to say")
        preview_value = {
            "title": "What did we expect?",
            "minutes": 5,
            "who": "Facilitator",
            "instruction": "Ask each person in turn. Write the answers where all can see them.",
            "prompt": "Before we started, what did you think would happen?",
        }


class InsteadBlock(StructBlock):
    """A situation in which this is the wrong tool, and what to use instead."""

    situation = blocks.CharBlock(label=_("Do not use it when"), max_length=255)
    instead = LinkedPageBlock(
        label=_("Use instead"), required=False, page_type="km_pages.TechniquePage"
    )
    instead_text = blocks.CharBlock(
        label=_("Or, in words, what to do instead"), max_length=255, required=False
    )
    moment = blocks.ChoiceBlock(
        label=_("For the finder: at this moment"),
        choices=[
            ("before", _("About to start")),
            ("during", _("In the middle")),
            ("after", _("Just finished")),
            ("leaving", _("Losing someone")),
        ],
        required=False,
        help_text=_(
            "The finder says “not this” where all that you fill in here is so. Leave all of it "
            "empty where only people can tell."
        ),
    )
    fewer_than = blocks.IntegerBlock(
        label=_("For the finder: fewer people than"), min_value=1, required=False
    )
    more_than = blocks.IntegerBlock(
        label=_("For the finder: more people than"), min_value=1, required=False
    )
    shorter_than = blocks.IntegerBlock(
        label=_("For the finder: fewer minutes than"), min_value=1, required=False
    )

    class Meta:
        icon = "no-view"
        label = _("Wrong tool")
        description = _("A situation in which something else works better, and what that is")
        preview_value = {
            "situation": "Somebody was harmed and feels blamed",
            "instead": None,
            "instead_text": "Talk to them alone first; ask the safety team.",
        }


class RoleBlock(StructBlock):
    """Somebody who is needed, or helps."""

    role = blocks.CharBlock(label=_("Role"), max_length=120)
    what_they_do = blocks.CharBlock(label=_("What they do"), max_length=255)
    required = blocks.BooleanBlock(label=_("Needed every time"), required=False)

    class Meta:
        icon = "group"
        label = _("Role")
        description = _("Somebody who is needed or helps, and what they do")
        preview_value = {
            "role": "Timekeeper",
            "what_they_do": "Says when five minutes of a step are left",
            "required": True,
        }


class OutputBlock(StructBlock):
    """Something that exists afterwards, and who sees it."""

    name = blocks.CharBlock(label=_("What you will have"), max_length=120)
    form = blocks.CharBlock(label=_("In which form"), max_length=160, required=False)
    who_sees = blocks.CharBlock(label=_("Who sees it"), max_length=255, required=False)
    confidential = blocks.BooleanBlock(label=_("Confidential"), required=False)

    class Meta:
        icon = "doc-full-inverse"
        label = _("Outcome")
        description = _("Something that exists afterwards, in which form, and who sees it")
        preview_value = {
            "name": "Three things to do differently",
            "form": "One page",
            "who_sees": "The team",
            "confidential": False,
        }


class ExampleBlock(StructBlock):
    """A filled example from work."""

    kind = blocks.ChoiceBlock(
        label=_("Kind"),
        choices=[("clinical", _("From care")), ("non_clinical", _("From other work"))],
    )
    title = blocks.CharBlock(label=_("Title"), max_length=120)
    body = blocks.TextBlock(label=_("Example"), rows=6)

    class Meta:
        icon = "form"
        label = _("Example")
        description = _("A filled example, from care or from other work")
        preview_value = {
            "kind": "non_clinical",
            "title": "After the office move",
            "body": "We expected two days without telephones. It was one morning.",
        }


class VariationBlock(StructBlock):
    """Another way of doing it."""

    title = blocks.CharBlock(label=_("Name"), max_length=120)
    text = blocks.TextBlock(label=_("How it differs"), rows=3)

    class Meta:
        icon = "copy"
        label = _("Variation")
        description = _("Another way of doing it, and how it differs")
        preview_value = {
            "title": "In writing",
            "text": "Each person answers on a card before anybody speaks.",
        }


class SourceBlock(StructBlock):
    """Where a fact comes from."""

    title = blocks.CharBlock(label=_("Title"), max_length=255)
    publisher = blocks.CharBlock(label=_("Publisher"), max_length=160, required=False)
    url = blocks.URLBlock(label=_("Address"), required=False)
    note = blocks.CharBlock(label=_("What it says"), max_length=500, required=False)
    date = blocks.CharBlock(label=_("Date"), max_length=40, required=False)

    class Meta:
        icon = "link-external"
        label = _("Source")
        description = _("Where a fact comes from: title, publisher, address and date")
        preview_value = {
            "title": "A guide to learning after events",
            "publisher": "A library service",
            "url": "https://example.org/guide",
            "note": "Gives the four questions",
            "date": "March 2026",
        }


class TemplateBlock(StructBlock):
    """A form or template to download."""

    title = blocks.CharBlock(label=_("Title"), max_length=160)
    document = DocumentChooserBlock(label=_("File"))

    class Meta:
        icon = "doc-full"
        label = _("Form")
        description = _("A form or template that readers can download")
        preview_value = {"title": "Sheet for the four questions", "document": None}


class SampleBlock(StructBlock):
    """A sample to compare one's own with."""

    quality = blocks.ChoiceBlock(
        label=_("Quality"), choices=[("good", _("Good")), ("poor", _("Poor"))]
    )
    text = blocks.TextBlock(label=_("Sample"), rows=6)
    why = blocks.TextBlock(label=_("Why"), rows=3)

    class Meta:
        icon = "tick-inverse"
        label = _("Sample")
        description = _("A good or a poor sample to compare with, and why it is one")
        preview_value = {
            "quality": "good",
            "text": "Ring the night porter, not the desk: the desk closes at eight.",
            "why": "It says what to do and when, so a stranger can use it.",
        }


class FillInBlock(StructBlock):
    """One field of a page to fill in."""

    label = blocks.CharBlock(label=_("Label"), max_length=160)
    hint = blocks.CharBlock(label=_("Hint"), max_length=255, required=False)
    kind = blocks.ChoiceBlock(
        label=_("Kind"),
        choices=[
            ("line", _("One line")),
            ("text", _("Several lines")),
            ("date", _("Date")),
            ("table", _("Table")),
        ],
        default="text",
    )
    columns = blocks.ListBlock(
        blocks.CharBlock(max_length=80), label=_("Columns of a table"), required=False, default=[]
    )

    class Meta:
        icon = "edit"
        label = _("Field to fill in")
        description = _("One field of a page to fill in on screen or on paper")
        preview_value = {
            "label": "Who else knows this?",
            "hint": "Names and where to find them",
            "kind": "line",
            "columns": [],
        }


class PersonTaskBlock(StructBlock):
    """What one person does in a step of the toolkit."""

    who = blocks.CharBlock(label=_("Who"), max_length=120)
    what = blocks.TextBlock(label=_("What they do"), rows=2)

    class Meta:
        icon = "user"
        label = _("Person's part")
        description = _("What one person does in a step")
        preview_value = {
            "who": "Line manager",
            "what": "Agrees which three things come first.",
        }
