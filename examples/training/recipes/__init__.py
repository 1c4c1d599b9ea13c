"""What the training stages share: data, masks, captions, losses and the run's bookkeeping."""
