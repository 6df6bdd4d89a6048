"""The entry of the program: `tomotheque` and `python -m shell`."""

import os
import sys
import warnings


def main() -> int:
    """Run the command line; hand back the exit status."""
    if not os.environ.get("TOMOTHEQUE_TRACEBACK"):
        warnings.simplefilter("ignore")  # a library's remark is nothing a person could act on
    os.umask(0o077)  # whatever is written is closed to others, before anything can be written
    from shell.second_start import handed_over

    if handed_over(sys.argv[1:], os.environ):
        return 0
    from shell.cli import run

    return run(sys.argv[1:], os.environ)


if __name__ == "__main__":
    sys.exit(main())
