# SPDX-License-Identifier: LGPL-3.0-or-later
"""Opens the containers in which packages keep their pictures: plain files, Qt resources, Enlightenment themes."""
import io
import subprocess
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from .qt_resources import read_files

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
THEME_WIDTH = 2560  # Enlightenment themes hold one picture in a dozen widths; this one is plenty


def unpack_package(package: str, cache: Path) -> Path:
    """Fetches a Debian package with apt (no installation, no root) and returns the folder of its files."""
    folder = cache / package
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", package], cwd=cache, check=True)
        (archive,) = cache.glob(f"{package}_*.deb")
        partial = cache / f"{package}.partial"
        subprocess.run(["dpkg-deb", "--extract", archive, partial], check=True)
        partial.rename(folder)
    return folder


def pictures_in(folder: Path, container: str):
    """Yields (path, opener) of every picture below `folder`; `opener()` decodes it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    if container == "files":
        for path in paths:
            if path.suffix.lower() in SUFFIXES:
                yield str(path.relative_to(folder)), lambda path=path: Image.open(path)
    elif container == "qt-resources":
        for path in paths:
            if path.suffix == ".rcc":
                for name, content in read_files(path):
                    if Path(name).suffix.lower() in SUFFIXES:
                        yield name, lambda content=content: Image.open(io.BytesIO(content))
    elif container == "jpeg-scan":
        for path in paths:
            if path.suffix == ".edj":
                yield str(path.relative_to(folder)), lambda path=path: best_embedded_jpeg(path)


def best_embedded_jpeg(path: Path) -> Image.Image:
    """Finds the JPEG streams in a theme file and opens the one whose width is nearest to `THEME_WIDTH`."""
    blob = path.read_bytes()
    best, at = None, blob.find(b"\xff\xd8\xff")
    while at >= 0:
        try:
            picture = Image.open(io.BytesIO(blob[at:]))
            if best is None or abs(picture.width - THEME_WIDTH) < abs(best.width - THEME_WIDTH):
                best = picture
        except (UnidentifiedImageError, OSError):
            pass  # three bytes that happened to look like a JPEG's beginning
        at = blob.find(b"\xff\xd8\xff", at + 3)
    if best is None:
        raise ValueError(f"{path}: no JPEG inside")
    return best
