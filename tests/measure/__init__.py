"""How well replies are read, measured on labelled ones that nothing was learnt from: ``python -m tests.measure``."""
