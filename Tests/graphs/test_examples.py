"""The graphs of examples/ run as their comments say."""
import pytest
from conftest import ROOT, read16


@pytest.mark.parametrize("graph, size", [("fill", (768, 1024)), ("remove", (768, 1024)), ("reposition", (768, 1024)),
                                         ("outpaint", (768, 1216))])
def test_graph(gegl, graph, size):
    result = gegl(ROOT / f"examples/{graph}.xml", "-o", "out.png")
    assert result.returncode == 0, result.stderr
    assert read16(gegl.folder / "out.png").shape[:2] == size


def test_asukas_graph_with_a_model_that_has_its_parts(gegl, model):
    pack = model("mae", "alignment", "harmonizing_decoder")
    result = gegl(ROOT / "examples/asuka.xml", "-o", "out.png", GEGL_INPAINT_MODEL=str(pack))
    assert result.returncode == 0, result.stderr
    assert read16(gegl.folder / "out.png").shape[:2] == (768, 1024)
