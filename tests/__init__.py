"""The tests. Servers they need are started by :mod:`tests.services`."""
