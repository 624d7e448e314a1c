"""A team and its author, for the tests of what people add."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.pages.adding import World, client_of, make_world


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def ann(world: World) -> Client:
    return client_of(world.author)
