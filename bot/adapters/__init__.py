"""Thin adapters to the world outside, each with a twin that needs no server and keeps the same contract."""
