"""What can go wrong, in one sentence each."""

from collections.abc import Sequence


class DemoError(Exception):
    """The demo cannot go on; the text is for people, the log is that of who caused it."""

    def __init__(self, text: str, log: Sequence[str] | None = None) -> None:
        super().__init__(text)
        self.log = log
