# SPDX-License-Identifier: LGPL-3.0-or-later
"""A small vocabulary in CLIP's byte-pair format (vocab.json and merges.txt).

It holds the 256 bytes, the 256 bytes that end a word, and one token for each word of the captions. Any other word is
spelled out in smaller pieces, so every prompt can be read.
"""
import json
from pathlib import Path

START, END = "<|startoftext|>", "<|endoftext|>"
MAX_LENGTH = 77


def byte_characters() -> list[str]:
    """The printable stand-ins for the 256 bytes that byte-level vocabularies use, in the vocabulary's order:
    printable Latin-1 characters stand for themselves, the others are shifted above 255."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + index) for index in range(len(others))]


def merges_for(words: list[str]) -> list[tuple[str, str]]:
    """Merges that make one token of each word. A later merge never changes an earlier word, because lower ranks go first."""
    merges: dict[tuple[str, str], int] = {}
    for word in words:
        pieces = [*word[:-1], word[-1] + "</w>"]
        while len(pieces) > 1:
            pairs = list(zip(pieces, pieces[1:]))
            first = min(pairs, key=lambda pair: merges.get(pair, len(merges)))
            merges.setdefault(first, len(merges))
            at = pairs.index(first)
            pieces[at:at + 2] = ["".join(first)]
    return list(merges)


def write_tokenizer(folder: Path, words: list[str]) -> int:
    """Writes a tokenizer folder as diffusers packs have it; returns the vocabulary's size."""
    folder.mkdir(parents=True, exist_ok=True)
    characters, merges = byte_characters(), merges_for(words)
    tokens = [*characters, *(character + "</w>" for character in characters), *("".join(pair) for pair in merges), START, END]
    tokens = list(dict.fromkeys(tokens))
    (folder / "vocab.json").write_text(json.dumps({token: index for index, token in enumerate(tokens)}, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "CLIPTokenizer", "model_max_length": MAX_LENGTH, "add_prefix_space": False, "do_lower_case": True,
        "errors": "replace", "bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END}, indent=2))
    (folder / "special_tokens_map.json").write_text(json.dumps(
        {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END}, indent=2))
    return len(tokens)
