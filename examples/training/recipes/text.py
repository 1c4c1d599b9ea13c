# SPDX-License-Identifier: LGPL-3.0-or-later
"""The small text encoder of the mini pack, and prompts as its context."""
import json
from pathlib import Path

import torch
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from .captions import vocabulary
from .vocabulary import END, START, write_tokenizer


def new_text_encoder(config: Path, tokenizer_folder: Path) -> tuple[CLIPTokenizer, CLIPTextModel]:
    """A fresh encoder for the vocabulary of the captions, whose tokenizer is written to `tokenizer_folder`."""
    size = write_tokenizer(tokenizer_folder, vocabulary())
    tokenizer = CLIPTokenizer.from_pretrained(tokenizer_folder)
    start, end = tokenizer.convert_tokens_to_ids([START, END])
    settings = CLIPTextConfig(**json.loads(config.read_text()), vocab_size=size, bos_token_id=start, eos_token_id=end, pad_token_id=end)
    return tokenizer, CLIPTextModel(settings)


@torch.no_grad()
def carry_over(old: CLIPTextModel, old_tokenizer: CLIPTokenizer, encoder: CLIPTextModel, tokenizer: CLIPTokenizer):
    """Gives `encoder` the weights of one with another vocabulary; words that it did not have stay as they are."""
    rows, known = encoder.get_input_embeddings().weight.clone(), old_tokenizer.get_vocab()
    for token, row in tokenizer.get_vocab().items():
        if token in known:
            rows[row] = old.get_input_embeddings().weight[known[token]]
    encoder.load_state_dict(old.state_dict() | {"embeddings.token_embedding.weight": rows})


def token_ids(tokenizer: CLIPTokenizer, prompts: list[str]) -> torch.Tensor:
    """[B, 77], padded as Stable Diffusion 1.5 does, with the end token"""
    return tokenizer(prompts, padding="max_length", truncation=True, max_length=77, return_tensors="pt").input_ids
