"""`python -m alerts`: the commands of the watch."""

from alerts.cli import main

if __name__ == "__main__":
    main()
