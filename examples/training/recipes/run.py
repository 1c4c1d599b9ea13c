# SPDX-License-Identifier: LGPL-3.0-or-later
"""Bookkeeping of a training run: progress bar with ETA, JSON log, curves, checkpoints, resuming at any step."""
import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from accelerate import Accelerator
from tqdm import tqdm


def begin(seed: int, precision: str | None = None) -> Accelerator:
    """Each process draws its own random numbers from torch, by its index. precision: None leaves it to accelerate's settings."""
    accelerator = Accelerator(mixed_precision=precision)
    torch.manual_seed(seed + accelerator.process_index)
    return accelerator


class Run:
    """One stage's run in the folder `output`.

    output/log.jsonl     one JSON object each `log_every` steps, the means since the last one
    output/curves.png    the same as curves, drawn with each checkpoint
    output/state/        the latest checkpoint (weights, EMA, optimizer, random state, step)
    output/grids/        validation pictures
    """

    def __init__(self, output: Path, accelerator, total_steps: int, checkpoint_every: int, log_every: int = 20):
        self.output, self.accelerator = output, accelerator
        self.total_steps, self.checkpoint_every, self.log_every = total_steps, checkpoint_every, log_every
        self.step = 0
        self.sums, self.count, self.since = {}, 0, time.time()
        self.grids = output / "grids"
        self.grids.mkdir(parents=True, exist_ok=True)
        accelerator.register_for_checkpointing(self)

    def state_dict(self):
        return {"step": self.step}

    def load_state_dict(self, state):
        self.step = state["step"]

    def resume(self):
        """Continues from the latest checkpoint, where there is one."""
        latest = next((self.output / name for name in ("state", "state.old") if (self.output / name).exists()), None)
        if latest:
            self.accelerator.load_state(latest)
            self.accelerator.print(f"resumed at step {self.step}")

    def steps(self):
        """Yields the number of each step still to do; the loop's body ends it with `finish_step`."""
        self.bar = tqdm(total=self.total_steps, initial=self.step, unit="step", mininterval=10,
                        disable=not self.accelerator.is_main_process)
        while self.step < self.total_steps:
            yield self.step
        self.bar.close()

    def set_learning_rates(self, optimizer, rates: Sequence[float], warm_up: int, cool_down: int):
        """`rates`, one a group, times a factor: it rises from 0 to 1 over `warm_up` steps and falls over the last `cool_down`."""
        rise = min(1.0, (self.step + 1) / max(warm_up, 1))
        fall = min(1.0, (self.total_steps - self.step) / cool_down) if cool_down else 1.0
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * rise * fall

    def finish_step(self, losses: dict) -> bool:
        """Counts the step, records its losses (tensors), and returns whether a checkpoint is due."""
        self.step += 1
        self.bar.update()
        self.count += 1
        for key, value in losses.items():
            self.sums.setdefault(key, []).append(float(value.detach()))
        checkpoint_due = self.step % self.checkpoint_every == 0 or self.step == self.total_steps
        if self.step % self.log_every == 0 or checkpoint_due:
            self.bar.set_postfix({key: f"{value:.4g}" for key, value in self.flush().items()})
        return checkpoint_due

    def flush(self) -> dict:
        means = {key: sum(values) / len(values) for key, values in self.sums.items()}
        now = time.time()
        entry = {"step": self.step, "seconds": round(now), "steps_per_second": round(self.count / (now - self.since), 3),
                 **{key: round(value, 6) for key, value in means.items()}}
        self.sums, self.count, self.since = {}, 0, now
        self.note(entry)
        return means

    def note(self, entry: dict):
        """Appends one object to the log."""
        if self.accelerator.is_main_process:
            with open(self.output / "log.jsonl", "a") as log:
                log.write(json.dumps(entry) + "\n")

    def checkpoint(self):
        """Writes the state beside the old one and swaps them, so that a kill at any moment leaves one intact."""
        fresh, latest = self.output / "state.new", self.output / "state"
        self.accelerator.save_state(fresh)
        self.accelerator.wait_for_everyone()  # all have written theirs
        if self.accelerator.is_main_process:
            old = self.output / "state.old"
            if latest.exists():
                shutil.rmtree(old, ignore_errors=True)
                latest.rename(old)
            fresh.rename(latest)
            shutil.rmtree(old, ignore_errors=True)
            self.draw_curves()
        self.accelerator.wait_for_everyone()

    def save(self, ema, parameters, write):
        """A checkpoint; then, with the averaged weights in the place of `parameters`, what `write()` measures and writes."""
        self.checkpoint()
        if self.accelerator.is_main_process:
            parameters = list(parameters)
            ema.store(parameters)
            ema.copy_to(parameters)
            write()
            ema.restore(parameters)

    def draw_curves(self):
        import matplotlib
        matplotlib.use("Agg")
        from matplotlib import pyplot

        lines = (self.output / "log.jsonl").read_text().splitlines()
        entries = [json.loads(line) for line in lines]
        keys = sorted({key for entry in entries for key in entry} - {"step", "seconds", "steps_per_second"})
        figure, axes = pyplot.subplots(len(keys), 1, figsize=(8, 2 * len(keys)), squeeze=False, sharex=True)
        for axis, key in zip(axes[:, 0], keys):
            points = [(entry["step"], entry[key]) for entry in entries if key in entry]
            axis.plot(*zip(*points), linewidth=0.8)
            axis.set_ylabel(key, fontsize=7)
            axis.grid(alpha=0.3)
        figure.savefig(self.output / "curves.png", dpi=80, bbox_inches="tight")
        pyplot.close(figure)


class Best:
    """The lowest held-out loss so far; registered with the run's state, so that a resumed run remembers it."""

    def __init__(self):
        self.loss = float("inf")

    def state_dict(self):
        return {"loss": self.loss}

    def load_state_dict(self, state):
        self.loss = state["loss"]

    def improved(self, loss: float) -> bool:
        """Whether this is the lowest one; it is noted if so."""
        if loss >= self.loss:
            return False
        self.loss = loss
        return True
