"""RePaint's order of steps against the lengths of the published settings."""
import pytest

pytest.importorskip("torch", reason="the recipes' samplers need PyTorch")
from recipes.repaint import jump_schedule


@pytest.mark.parametrize("steps, denoised, undone", [(250, 2410, 2160), (50, 410, 360)])
def test_the_schedule_has_the_published_lengths(steps, denoised, undone):
    times = jump_schedule(steps, 10, 10)
    assert sum(after < before for before, after in zip(times, times[1:])) == denoised
    assert sum(after > before for before, after in zip(times, times[1:])) == undone
    assert times[0] == steps - 1 and times[-1] == -1
