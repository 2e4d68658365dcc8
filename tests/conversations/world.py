"""The one phone of the conversation files, and the number it texts."""

NUMBER = "+12025550123"
OURS = "+12025550100"
