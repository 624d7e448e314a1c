"""Forms for the pictures and documents of pages: as careful as those for the files of an item.

Wagtail names them in ``WAGTAILIMAGES_IMAGE_FORM_BASE`` and ``WAGTAILDOCS_DOCUMENT_FORM_BASE``.
"""

from __future__ import annotations

import warnings
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy
from PIL import Image, UnidentifiedImageError
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from km_pages.files.accept import RefusedFile, check_upload


class PictureField(WagtailImageField):
    """A picture that says in its first bytes how large it is, and can be drawn as a whole."""

    def to_python(self, data: Any) -> Any:
        """The picture. Raises ``ValidationError``, before it is drawn, for one of too many pixels.

        Wagtail's field draws it first, which takes half a gigabyte for one just below the limit of
        the library, and fails where the picture breaks off.
        """
        self._check_announced(data)
        try:
            return super().to_python(data)
        except (OSError, SyntaxError, ValueError, EOFError) as problem:
            raise self._invalid() from problem

    def _check_announced(self, data: Any) -> None:
        if not data or not hasattr(data, "seek"):
            return
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                width, height = Image.open(data).size
        except (Image.DecompressionBombError, UnidentifiedImageError, OSError, SyntaxError):
            return  # Wagtail has words for each of them.
        except (ValueError, EOFError) as problem:
            raise self._invalid() from problem
        finally:
            data.seek(0)
        if self.max_image_pixels is not None and width * height > self.max_image_pixels:
            raise ValidationError(
                self.error_messages["file_too_many_pixels"]
                % {"num_pixels": width * height, "max_pixels_count": self.max_image_pixels},
                code="file_too_many_pixels",
            )

    def _invalid(self) -> ValidationError:
        return ValidationError(self.error_messages["invalid_image"], code="invalid_image")


class PictureForm(BaseImageForm):
    """Wagtail's form for a picture, with a field that is harder to hurt."""

    file = PictureField(label=gettext_lazy("File"), widget=BaseImageForm.Meta.widgets["file"])


class DocumentForm(BaseDocumentForm):
    """Wagtail's form for a document; what is inside must be what the name says."""

    def clean_file(self) -> Any:
        """The file. Raises ``ValidationError`` with what to do."""
        file = self.cleaned_data["file"]
        if "file" in self.changed_data and file:
            try:
                check_upload(file.name, file)
            except RefusedFile as refusal:
                raise ValidationError(refusal.message, code=refusal.code) from refusal
        return file
