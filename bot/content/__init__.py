"""Content is data: messages, lexicons, instruments and tables, read from the files in ``dialogs/``."""
