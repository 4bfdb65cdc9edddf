"""`python -m opendata_spiders …`: the same as `scrapy …`, but a signal is heard from the first moment on.

`scrapy` itself is a script that imports Scrapy before anything of this project; until then Python hears the signals.
"""

from opendata_spiders.interrupts import interruptible

if __name__ == "__main__":
    with interruptible(lambda: "nothing was changed, unless the command had said so"):
        from scrapy.cmdline import execute

        execute()
