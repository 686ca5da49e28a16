"""What can go wrong, in one sentence each."""


class DemoError(Exception):
    """The demo cannot go on; the text is for people."""
