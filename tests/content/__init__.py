"""The content that people read: how plain it is, how long, in which tone."""
