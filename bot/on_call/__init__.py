"""Tells whoever is on call of a case that cannot wait, again and again, until somebody has claimed it."""
