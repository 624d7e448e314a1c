"""The sections of a learning module: what an editor puts in order, one to a page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks import StreamBlock, StructBlock, StructBlockValidationError
from wagtail.documents.blocks import DocumentChooserBlock

from km_pages.blocks.page import PictureBlock

TEXT_FEATURES = ["h3", "h4", "bold", "italic", "ol", "ul", "link", "hr"]
FILMS = ("mp4", "webm")
CAPTIONS = ("vtt",)
FEWEST_ANSWERS = 2
HEADING = {
    "label": _("Heading"),
    "max_length": 120,
    "help_text": _("Stands at the top of this page and in the list of sections."),
}


def refuse(**words: Any) -> StructBlockValidationError:
    """The error of a block, each of ``words`` beside the field of that name."""
    return StructBlockValidationError(
        block_errors={name: ValidationError(each) for name, each in words.items()}
    )


class TextSection(StructBlock):
    """Something to read."""

    heading = blocks.CharBlock(**HEADING)
    text = blocks.RichTextBlock(label=_("Text"), features=TEXT_FEATURES)

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        description = _("Something to read, short enough for one page of a telephone")
        template = "km_toolkit/learning/blocks/text.html"
        preview_template = "km_toolkit/learning/blocks/preview.html"
        preview_value = {
            "heading": "Why ten minutes are enough",
            "text": "<p>What matters is said early. Short talks happen; long ones are put off.</p>",
        }


class ImageSection(StructBlock):
    """A picture, and what it shows."""

    heading = blocks.CharBlock(**HEADING)
    image = PictureBlock(label=_("Picture"))
    text = blocks.TextBlock(
        label=_("What it shows"),
        rows=3,
        required=False,
        help_text=_("Say in words what matters in it: not everybody sees it."),
    )

    class Meta:
        icon = "image"
        label = _("Picture")
        description = _("A picture, and in words what matters in it")
        template = "km_toolkit/learning/blocks/image.html"
        preview_template = "km_toolkit/learning/blocks/preview.html"
        preview_value = {
            "heading": "What the room looks like",
            "image": None,
            "text": "Chairs in a circle, no table. The person who asks sits among the others.",
        }


class VideoSection(StructBlock):
    """A film with captions; nothing of it is loaded before it is asked for."""

    heading = blocks.CharBlock(**HEADING)
    film = DocumentChooserBlock(
        label=_("Film"),
        required=False,
        help_text=_("An MP4 or WebM file. It is loaded only when somebody plays it."),
    )
    captions = DocumentChooserBlock(
        label=_("Captions"),
        required=False,
        help_text=_("A VTT file. Needed with a film: not everybody hears it."),
    )
    address = blocks.URLBlock(
        label=_("Or the address of a film on another site"),
        required=False,
        help_text=_("Shown as a link. That site learns of nobody who does not follow it."),
    )
    minutes = blocks.IntegerBlock(label=_("Minutes"), required=False, min_value=1, max_value=600)
    text = blocks.TextBlock(
        label=_("What is said in it"),
        rows=6,
        help_text=_("For those who cannot play it here, and for those who would rather read."),
    )

    class Meta:
        icon = "media"
        label = _("Film")
        description = _("A film with captions, or a link to one, and what is said in it")
        template = "km_toolkit/learning/blocks/video.html"
        preview_template = "km_toolkit/learning/blocks/preview.html"
        preview_value = {
            "heading": "Watch one go well",
            "film": None,
            "captions": None,
            "address": "https://example.org/film",
            "minutes": 3,
            "text": "What did we expect? asks the leader. Then she waits.",
        }

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        """Ask for a film or an address, of kinds that browsers play, and for captions."""
        cleaned = super().clean(value)
        film, captions = cleaned.get("film"), cleaned.get("captions")
        if bool(film) == bool(cleaned.get("address")):
            raise refuse(film=_("Choose a film or give an address: one of the two."))
        if cleaned.get("address") and urlsplit(cleaned["address"]).scheme not in ("http", "https"):
            raise refuse(address=_("Give an address that starts with https://."))
        if film and film.file_extension.lower() not in FILMS:
            raise refuse(film=_("Browsers play MP4 and WebM. Choose a film of that kind."))
        if film and (captions is None or captions.file_extension.lower() not in CAPTIONS):
            raise refuse(captions=_("Add captions as a VTT file, so that everybody can follow."))
        return cleaned


class ExampleStep(StructBlock):
    """One step of a worked example."""

    title = blocks.CharBlock(label=_("Step"), max_length=120)
    text = blocks.TextBlock(label=_("What they did, and why"), rows=2)


class ExampleSection(StructBlock):
    """A worked example: a situation, what was done step by step, what to notice."""

    heading = blocks.CharBlock(**HEADING)
    situation = blocks.TextBlock(label=_("The situation"), rows=3)
    steps = blocks.ListBlock(ExampleStep(), label=_("Step by step"), min_num=1)
    notice = blocks.TextBlock(
        label=_("What to notice"),
        rows=2,
        required=False,
        help_text=_("The one thing to take from it."),
    )

    class Meta:
        icon = "form"
        label = _("Worked example")
        description = _("A situation, what was done step by step, and what to notice in it")
        template = "km_toolkit/learning/blocks/example.html"
        preview_template = "km_toolkit/learning/blocks/preview.html"
        preview_value = {
            "heading": "The late delivery",
            "situation": "The stores team waited four hours for a van that had come and gone.",
            "steps": [{"title": "They asked what was expected", "text": "Each said it in turn."}],
            "notice": "Nobody was asked whose fault it was.",
        }


class ReflectionSection(StructBlock):
    """A question to think about; the answer is for its writer alone."""

    heading = blocks.CharBlock(**HEADING)
    prompt = blocks.TextBlock(
        label=_("Question"),
        rows=2,
        help_text=_("Ask about their own work. What they write is seen by nobody else."),
    )
    hint = blocks.CharBlock(label=_("Hint"), max_length=255, required=False)

    class Meta:
        icon = "edit"
        label = _("Reflection")
        description = _("A question to think about; the answer is for its writer alone")
        template = "km_toolkit/learning/blocks/reflection.html"
        preview_template = "km_toolkit/learning/blocks/preview.html"
        preview_value = {
            "heading": "Now you",
            "prompt": "Which event of last week is worth fifteen minutes?",
            "hint": "A thing that went well is worth as much.",
        }


class AnswerBlock(StructBlock):
    """One answer to choose, and what is said to somebody who chose it."""

    text = blocks.CharBlock(label=_("Answer"), max_length=255)
    right = blocks.BooleanBlock(label=_("This is right"), required=False)
    feedback = blocks.TextBlock(
        label=_("What we say to it"),
        rows=2,
        help_text=_("Say why, also of a wrong answer, and never blame."),
    )


class CheckSection(StructBlock):
    """A knowledge check: one or several right answers, each with a word on it."""

    heading = blocks.CharBlock(**HEADING)
    question = blocks.TextBlock(label=_("Question"), rows=2)
    several = blocks.BooleanBlock(
        label=_("Several answers may be chosen"),
        required=False,
        help_text=_("Without this tick exactly one answer is right."),
    )
    answers = blocks.ListBlock(AnswerBlock(), label=_("Answers"), min_num=FEWEST_ANSWERS)
    explanation = blocks.TextBlock(
        label=_("What is said to everybody afterwards"), rows=2, required=False
    )

    class Meta:
        icon = "help"
        label = _("Knowledge check")
        description = _("A question with one or several right answers, and a word on each of them")
        template = "km_toolkit/learning/blocks/check.html"
        preview_template = "km_toolkit/learning/blocks/preview.html"
        preview_value = {
            "heading": "What comes first?",
            "question": "Which question opens the talk?",
            "several": False,
            "answers": [
                {"text": "What did we expect?", "right": True, "feedback": "Yes. Begin there."},
                {"text": "Who was late?", "right": False, "feedback": "That seeks somebody."},
            ],
            "explanation": "Expectations first; then what happened.",
        }

    def get_default(self) -> blocks.StructValue:
        """A new check has room for as many answers as it needs: one is an error from the start."""
        value = super().get_default()
        one = self.child_blocks["answers"].child_block
        value["answers"] = self.child_blocks["answers"].normalize(
            [one.get_default() for _number in range(FEWEST_ANSWERS)]
        )
        return value

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        """Ask for a right answer, for one alone unless several may be chosen, for no doubles."""
        cleaned = super().clean(value)
        right = [each for each in cleaned["answers"] if each["right"]]
        texts = [each["text"].strip().casefold() for each in cleaned["answers"]]
        if not right:
            raise refuse(answers=_("Mark at least one answer as right."))
        if len(right) > 1 and not cleaned["several"]:
            raise refuse(
                answers=_("Two answers are marked as right. Mark one, or let several be chosen.")
            )
        if len(set(texts)) < len(texts):
            raise refuse(answers=_("Two answers have the same words."))
        return cleaned


class SectionsBlock(StreamBlock):
    """The sections of a module, in order."""

    text = TextSection()
    image = ImageSection()
    video = VideoSection()
    example = ExampleSection()
    reflection = ReflectionSection()
    check = CheckSection()
