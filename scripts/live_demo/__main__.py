"""Start the demo; until it takes signals itself, Ctrl-C ends it without a traceback."""

import signal
import sys

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from .command import main

    sys.exit(main())
