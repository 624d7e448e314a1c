"""Every block that an editor can choose has an icon, words on what it is for, and a preview."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from wagtail.blocks import Block, StreamBlock, StructBlock
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.fields import StreamField
from wagtail_factories import ImageFactory

from km_pages.blocks.page import PictureBlock
from tests.factories import UserFactory

OURS = ("km_pages", "km_toolkit")


def chosen_blocks() -> Iterator[tuple[str, Block]]:
    """The blocks of all StreamFields of ours, with where they stand."""
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.local_fields:
                if isinstance(field, StreamField):
                    stream = field.stream_block
                    assert isinstance(stream, StreamBlock)
                    for name, block in stream.child_blocks.items():
                        yield f"{model.__name__}.{field.name}.{name}", block


STRUCTS = [(name, block) for name, block in chosen_blocks() if isinstance(block, StructBlock)]


def test_there_are_blocks_to_look_at() -> None:
    assert len(STRUCTS) > 15


@pytest.mark.parametrize(("name", "block"), STRUCTS, ids=[name for name, _block in STRUCTS])
def test_a_block_says_what_it_is_for(name: str, block: Block) -> None:
    assert block.meta.icon not in ("", "placeholder"), name
    assert block.get_description(), name
    assert block.is_previewable, name


@pytest.mark.django_db
def test_previews_of_all_blocks_show_something(client: Client) -> None:
    client.force_login(UserFactory(is_superuser=True))
    seen = set()
    for name, block in chosen_blocks():
        if not block.is_previewable or type(block) in seen:
            continue
        seen.add(type(block))
        response = client.get(
            reverse("wagtailadmin_block_preview"), {"id": block.definition_prefix}
        )
        assert response.status_code == 200, name
        main = response.content.decode().partition("<main>")[2].partition("</main>")[0]
        value = next((v for v in flat(block.get_preview_value()) if len(v) > 3), "")
        assert value.partition(" ")[0] in main, name
    assert len(seen) > 15


def flat(value: object) -> Iterator[str]:
    """The texts in a block's value."""
    if isinstance(value, str):
        yield value
    elif hasattr(value, "source"):
        yield "Ring" if "Ring" in value.source else "What"
    elif hasattr(value, "items"):
        for each in value.items():  # type: ignore[attr-defined]
            yield from flat(each[1])
    elif isinstance(value, list) or hasattr(value, "bound_blocks"):
        for each in value:  # type: ignore[attr-defined]
            yield from flat(each)


@pytest.mark.django_db
def test_a_picture_needs_words_or_the_tick_and_is_served_in_sizes_that_fit() -> None:
    image = ImageFactory(file__width=1600, file__height=800)
    block = PictureBlock()
    value = {"image": image.pk, "alt_text": "", "decorative": False}
    with pytest.raises(StructBlockValidationError):
        block.clean(block.to_python(value))
    said = block.to_python({**value, "alt_text": "A full ward board"})
    assert 'alt="A full ward board"' in block.render(block.clean(said))
    assert "480w" in block.render(said)
    plain = block.to_python({**value, "decorative": True})
    assert 'alt=""' in block.render(block.clean(plain))
