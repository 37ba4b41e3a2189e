"""``python -m freshlegs.cli``."""

from freshlegs.cli import main

if __name__ == "__main__":
    main()
