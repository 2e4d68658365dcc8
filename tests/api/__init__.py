"""Tests of the clinic API."""
