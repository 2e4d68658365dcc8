"""Guards: each prevents one mistake that a review would miss."""
