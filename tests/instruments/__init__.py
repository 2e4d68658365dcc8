"""Every instrument file: read, asked by text, scored, checked, brought in."""
