"""Conversations as files, played through the real model and database."""
