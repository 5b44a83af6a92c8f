"""How torch computes while a network is trained or applied: threads, precision, and the same bits again on a GPU."""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch


@contextlib.contextmanager
def torch_threads(n_threads: int) -> Iterator[None]:
    """Use `n_threads` threads inside torch, and the caller's number again afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def autocast(precision: str, device: torch.device) -> contextlib.AbstractContextManager[Any]:
    """Return the context in which bf16 is used where it was asked for."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16")


@contextlib.contextmanager
def repeatable(device: torch.device) -> Iterator[None]:
    """Let convolutions on a GPU give the same bits again, and float32 there mean what it means on a processor.

    By itself cuDNN may take algorithms that add up in any order, and rounds the factors of a float32 convolution to
    10 bits (TF32). Both settings are the caller's again afterwards. On a processor there is nothing to set.
    """
    if device.type != "cuda":
        yield
        return
    cudnn = torch.backends.cudnn
    # torch 2.9 has a setting for each kind of operation, and from then on complains about the old one.
    holder, name, exact = (
        (cudnn.conv, "fp32_precision", "ieee") if hasattr(cudnn, "conv") else (cudnn, "allow_tf32", False)
    )
    before = cudnn.deterministic, getattr(holder, name)
    cudnn.deterministic = True
    setattr(holder, name, exact)
    try:
        yield
    finally:
        cudnn.deterministic = before[0]
        setattr(holder, name, before[1])
