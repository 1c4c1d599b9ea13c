# SPDX-License-Identifier: LGPL-3.0-or-later
"""Reader of Qt's binary resource collections (`.rcc`), the container in which KDE programs ship their pictures.

Layout, all numbers big-endian (Qt's tool `rcc`, format versions 1 to 3):

    header   "qres", u32 version, u32 tree offset, u32 data offset, u32 names offset [, u32 flags from version 3]
    tree     one node of 14 bytes (22 from version 2, which appends a u64 time stamp):
               u32 name offset, u16 flags, then for a folder  u32 number of children, u32 index of the first child
                                           and for a file     u16 territory, u16 language, u32 data offset
    names    u16 length, u32 hash, UTF-16BE text
    data     u32 length, bytes; compressed files start with their u32 unpacked length and go on as a zlib stream
"""
import struct
import zlib
from pathlib import Path

COMPRESSED, FOLDER = 1, 2


def read_files(path: Path):
    """Yields (name inside the collection, bytes) of every file in the collection at `path`."""
    blob = path.read_bytes()
    magic, version, tree, data, names = struct.unpack_from(">4s4I", blob)
    if magic != b"qres" or version > 3:
        raise ValueError(f"{path}: not a Qt resource collection of version 1 to 3")
    node_size = 14 if version == 1 else 22

    def name_at(offset: int) -> str:
        (length,) = struct.unpack_from(">H", blob, names + offset)
        start = names + offset + 6
        return blob[start:start + 2 * length].decode("utf-16-be")

    def walk(index: int, folder: str):
        at = tree + index * node_size
        name_offset, flags = struct.unpack_from(">IH", blob, at)
        name = folder + name_at(name_offset) if index else ""
        if flags & FOLDER:
            children, first = struct.unpack_from(">II", blob, at + 6)
            for child in range(first, first + children):
                yield from walk(child, name + "/" if index else "")
            return
        (offset,) = struct.unpack_from(">I", blob, at + 10)
        (length,) = struct.unpack_from(">I", blob, data + offset)
        start = data + offset + 4
        content = blob[start:start + length]
        yield name, zlib.decompress(content[4:]) if flags & COMPRESSED else content

    yield from walk(0, "")
