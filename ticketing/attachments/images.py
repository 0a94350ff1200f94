"""Pictures are drawn anew: turned upright, without position, camera, owner or anything hidden behind the pixels."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import IO

from PIL import Image, ImageOps

from ticketing.errors import BadInput

from .kinds import FileKind

#: a JPEG is decoded at a reduced size when it is large, other formats have to be decoded whole
MOST_PIXELS = {"JPEG": 120_000_000, "PNG": 30_000_000, "WEBP": 30_000_000}
#: the longer side of what is kept, in pixels: a house number stays readable
LONGEST_SIDE = 3000
JPEG_QUALITY = 86


def redraw(file: IO[bytes], kind: FileKind) -> bytes:
    """The picture as a new file of the same kind, without metadata, orientation applied.

    Raises `BadInput("files", …)` for a damaged picture and for one whose decoded size would be a bomb.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file, formats=(kind.image,)) as picture:
                return _encode(_upright(picture, kind), kind)
    except Image.DecompressionBombError as error:
        raise _too_many(kind) from error
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError) as error:
        raise BadInput("files", "图片已损坏，打不开。请重新拍照或另存后上传") from error


def _too_many(kind: FileKind) -> BadInput:
    most = MOST_PIXELS[kind.image]
    return BadInput("files", f"图片尺寸过大，最多 {most // 10_000} 万像素，请缩小后上传", most=most)


def _upright(picture: Image.Image, kind: FileKind) -> Image.Image:
    width, height = picture.size
    if width * height > MOST_PIXELS[kind.image]:
        raise _too_many(kind)
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    picture.load()
    turned = ImageOps.exif_transpose(picture)
    turned.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return turned


def _encode(picture: Image.Image, kind: FileKind) -> bytes:
    transparent = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    mode = "RGBA" if transparent and kind.image != "JPEG" else "RGB"
    clean = Image.new(mode, picture.size)
    clean.paste(picture.convert(mode))
    target = BytesIO()
    options: dict[str, object] = {"quality": JPEG_QUALITY} if kind.image != "PNG" else {}
    clean.save(target, kind.image, **options)
    return target.getvalue()
