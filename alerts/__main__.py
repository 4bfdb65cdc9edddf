"""`python -m alerts`: the commands of this package."""

from opendata_spiders.interrupts import interruptible

if __name__ == "__main__":
    with interruptible(lambda: "nothing was begun"):
        from alerts.cli import main

        main()
