# SPDX-License-Identifier: LGPL-3.0-or-later
"""What the training stages share: data, masks, captions, losses and the run's bookkeeping."""
