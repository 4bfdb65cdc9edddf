"""`python -m alerts`: the commands of this package."""

from alerts.cli import main

if __name__ == "__main__":
    main()
