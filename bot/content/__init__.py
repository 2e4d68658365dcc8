"""Content is data: messages, lexicons and instruments, read from the files in ``dialogs/`` by both environments."""

from bot.content.load import SECOND_OPINION, Content, ContentError, content_root, load_content

__all__ = ["SECOND_OPINION", "Content", "ContentError", "content_root", "load_content"]
