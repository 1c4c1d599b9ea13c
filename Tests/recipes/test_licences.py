# SPDX-License-Identifier: LGPL-3.0-or-later
"""Which photographs may go into weights under the GPL, version 3."""
import pytest

from photographs.licences import fits_the_weights


@pytest.mark.parametrize("licence", ["CC0-1.0", "public-domain", "BSD-3-Clause", "CC-BY-4.0", "CC-BY-SA-3.0", "LGPL-2.1+", "GPL-2+",
                                     "GPL-3", "GPL-3+ and CC-BY-4.0"])
def test_terms_that_a_work_under_the_gpl_3_may_take_in(licence):
    assert fits_the_weights(licence)


@pytest.mark.parametrize("licence", ["", "unknown", "GPL-2", "CC-BY-NC-4.0", "CC-BY-SA-1.0", "CC-BY-4.0 and CC-BY-NC-4.0", "CC0-1.0 or not"])
def test_terms_that_it_may_not(licence):
    assert not fits_the_weights(licence)
