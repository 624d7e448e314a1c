"""Uploaded files in a private S3 bucket. Needs ``django-storages[s3]``; named in ``STORAGES``.

What a read needs comes to a file without a name on this machine's disk, never into memory, and
one part of a recording comes as that part alone. Trouble of the network is an ``OSError``, so that
a bucket that is away is treated as a disk that is.
"""

from __future__ import annotations

import contextlib
import errno
import tempfile
from collections.abc import Iterator
from typing import Any, cast

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

GONE = ("404", "NoSuchKey", "NotFound")
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 5, 30, 2


class PrivateS3Storage(S3Storage):
    """A bucket that only this site reads: no public rights, no address without signature."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # Whatever the site says for its public files: an address without signature, or an object
        # that anybody may read, would give away what the rule of visibility keeps.
        self.custom_domain, self.cloudfront_signer = None, None
        self.querystring_auth, self.default_acl = True, None
        self.file_overwrite, self.gzip = False, False
        self.object_parameters: dict[str, Any] = dict(self.object_parameters)
        self.object_parameters.pop("ACL", None)

    def get_default_settings(self) -> dict[str, Any]:
        """Those of django-storages, with signatures that expire and an end to every wait."""
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": "auto"},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            # Servers that speak S3 without being Amazon's know no newer checksums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return {**super().get_default_settings(), "client_config": config}

    def signed(self, name: str, *, mime: str, disposition: str, seconds: int) -> str:
        """An address that gives the object to whoever has it, for ``seconds``, with our headers."""
        said = {
            "ResponseContentType": mime,
            "ResponseContentDisposition": disposition,
            "ResponseCacheControl": "private, no-store",
        }
        return cast("str", self.url(name, parameters=said, expire=seconds))

    def part(self, name: str, wanted: range) -> Any:
        """An open stream of the bytes ``wanted``; nothing else of the object is fetched."""
        bounds = f"bytes={wanted.start}-{wanted.stop - 1}"
        with trouble_is_oserror(name):
            return self._object(name).get(Range=bounds)["Body"]

    def fetch(self, name: str) -> Any:
        """The whole object in a file without a name on the disk."""
        content = tempfile.TemporaryFile()  # noqa: SIM115 (handed on)
        try:
            with trouble_is_oserror(name):
                self._object(name).download_fileobj(content, Config=self.transfer_config)
        except OSError:
            content.close()
            raise
        content.seek(0)
        return content

    def _object(self, name: str) -> Any:
        return self.bucket.Object(self._normalize_name(name))

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError("Stored files are read, and never written a second time.")
        return _Fetched(self, name)

    def _save(self, name: str, content: Any) -> str:
        with trouble_is_oserror(name):
            return cast("str", super()._save(name, content))

    def delete(self, name: str) -> None:
        """Remove the object; one that is gone is no trouble."""
        with trouble_is_oserror(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        """Whether there is such an object."""
        with trouble_is_oserror(name):
            return cast("bool", super().exists(name))

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        """Folders and files below ``name``."""
        with trouble_is_oserror(name):
            return cast("tuple[list[str], list[str]]", super().listdir(name))

    def size(self, name: str) -> int:
        """How many bytes the object has."""
        with trouble_is_oserror(name):
            return cast("int", super().size(name))

    def get_modified_time(self, name: str) -> Any:
        """When the object was written."""
        with trouble_is_oserror(name):
            return super().get_modified_time(name)


class _Fetched(File):  # type: ignore[type-arg] # Django itself cannot be asked File[bytes]
    """An object that is fetched when it is opened, and again after it was closed."""

    def __init__(self, storage: PrivateS3Storage, name: str) -> None:
        self.storage = storage
        super().__init__(storage.fetch(name), name=name)

    def open(self, mode: str | None = None, *_args: Any, **_options: Any) -> _Fetched:
        """Be at the beginning of the content."""
        if self.closed:
            self.file = self.storage.fetch(str(self.name))
        self.seek(0)
        return self


@contextlib.contextmanager
def trouble_is_oserror(name: str) -> Iterator[None]:
    """Say ``OSError`` for whatever goes wrong on the way to the bucket; a missing object is a
    ``FileNotFoundError``, as on a disk.
    """
    try:
        yield
    except (BotoCoreError, Boto3Error, ClientError) as problem:
        answer = problem.response if isinstance(problem, ClientError) else {}
        if answer.get("Error", {}).get("Code") in GONE:
            raise FileNotFoundError(errno.ENOENT, "not in the bucket", name) from problem
        raise OSError(errno.EIO, str(problem), name) from problem
