"""Replies read by code: keywords, alarms, commands, answers. The tables are for content authors to read and extend."""
