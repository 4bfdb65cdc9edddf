"""`scrapy checkall`: whether register, families, golden pages and documents agree; sends no request."""

from opendata_spiders.command import ProjectCommand


class CheckAllCommand(ProjectCommand):
    """Exit status: 0 no fault, 1 inconsistencies, one line each; 2 a table that cannot be read."""

    done_by = "opendata_spiders.probing.checkall_command"
    takes_no_names = "it checks the register, all families and all documents together: leave the names out"

    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 -- Scrapy's own attribute

    def short_desc(self) -> str:
        return "Check register, families, golden pages and documents against each other"
