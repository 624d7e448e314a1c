"""Drawing one page of a PDF, or a picture in another size or kind. Runs in the confined child."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError

from km_pages.files.extract.answer import BAD_INPUT
from km_pages.files.pictures import MAX_PIXELS

PDF_UNITS_PER_INCH = 72
# A page of a size that no printer has is drawn small rather than not at all.
MOST_PAGE_PIXELS = 36_000_000
QUALITY = 85
BROKEN = (*BAD_INPUT, pypdfium2.PdfiumError, UnidentifiedImageError, Image.DecompressionBombError)

# Larger ones were refused when they came; whatever gets here still ends in an error, not in swap.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which page, at most how wide and high in pixels, grey or in colour, as JPEG or PNG.

    ``dots``: dots per inch of a page; it counts within ``side``.
    """

    page: int = 1
    side: int = 480
    dots: int = 0
    grey: bool = False
    kind: str = "JPEG"


def drawer_for(extension: str) -> Callable[[BinaryIO, Wanted], bytes]:
    """What draws files with ``extension``. Raises ``ImportError`` where its library is missing."""
    if extension == "pdf":
        return draw_page
    if extension == "heic":
        from pi_heif import options, register_heif_opener  # only where one has to be opened

        options.DECODE_THREADS = 1
        register_heif_opener()
    return draw_picture


def draw_page(source: BinaryIO, wanted: Wanted) -> bytes:
    """One page of a PDF on white."""
    document = pypdfium2.PdfDocument(source.read())
    page = document[wanted.page - 1]
    width, height = page.get_size()
    scale = wanted.side / max(width, height)
    if wanted.dots:
        scale = min(scale, wanted.dots / PDF_UNITS_PER_INCH)
    scale = min(scale, (MOST_PAGE_PIXELS / (width * height)) ** 0.5)
    drawn = page.render(scale=scale, grayscale=wanted.grey, may_draw_forms=False)
    return _written(drawn.to_pil(), wanted)


def draw_picture(source: BinaryIO, wanted: Wanted) -> bytes:
    """A picture the right way up, within ``side`` and without what a camera wrote into it."""
    with Image.open(source, formats=["JPEG", "PNG", "WEBP", "HEIF"]) as opened:
        if opened.format == "JPEG":
            opened.draft("RGB", (wanted.side, wanted.side))
        picture = ImageOps.exif_transpose(opened)
    picture.thumbnail((wanted.side, wanted.side))
    if "A" in picture.getbands() or "transparency" in picture.info:
        see_through = picture.convert("RGBA")
        picture = Image.new("RGBA", see_through.size, "white")
        picture.alpha_composite(see_through)
    return _written(picture.convert("L" if wanted.grey else "RGB"), wanted)


def _written(picture: Image.Image, wanted: Wanted) -> bytes:
    out = io.BytesIO()
    profile = picture.info.get("icc_profile") if wanted.kind == "JPEG" else None
    fresh = picture.copy()
    fresh.info = {}
    # Space characters of EXIF, XMP and comments are not carried over.
    fresh.save(out, wanted.kind, quality=QUALITY, icc_profile=profile)
    return out.getvalue()
