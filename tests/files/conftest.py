"""Servers that files go to: a bucket that speaks S3, and a virus scanner."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.files.storage import storages

from km_pages.models import StoredFile
from tests.files.clamd import Scanner
from tests.files.s3_server import BUCKET, KEY, REGION, SECRET, Server, serving


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server with our bucket; moto keeps its buckets as long as the process lasts."""
    with serving() as server:
        client = boto3.client(
            "s3",
            endpoint_url=server.address,
            region_name=REGION,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
        )
        client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        yield server


@pytest.fixture
def bucket(server: Server, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The site with its files in a bucket that is empty."""
    backend = {"BACKEND": "km_pages.files.s3.PrivateS3Storage", "OPTIONS": server.options}
    settings.STORAGES = {**settings.STORAGES, "knowledge": backend}
    private: Any = storages["knowledge"]
    for name in ("blob", "thumbnail"):
        monkeypatch.setattr(StoredFile._meta.get_field(name), "storage", private)
    monkeypatch.setattr("km_pages.views.add.WAIT_SECONDS", 0)
    yield server
    server.down, server.later = False, timedelta()
    for each in private.bucket.objects.all():
        each.delete()


@pytest.fixture(scope="module")
def running() -> Iterator[Scanner]:
    """A clamd that each test of a module may kill and start."""
    # Not pytest's own folder: the path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="clamd") as folder:
        scanner = Scanner(Path(folder))
        scanner.start()
        yield scanner
        scanner.kill()


@pytest.fixture
def scanner(running: Scanner, settings: Any) -> Scanner:
    """The site with a scanner that answers."""
    if running.process is None:
        running.start()
    settings.KM_CLAMAV = running.address
    return running
