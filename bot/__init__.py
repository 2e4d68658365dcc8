"""Followthrough: screening for health-related social needs in conversation, and what comes after."""
