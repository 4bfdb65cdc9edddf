"""A family that is declared: two calls, how their answers are read, and how its home page is recognised."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Protocol
from urllib.parse import quote

from scrapy import Request
from scrapy.http import Response

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.declared.answers import Answer
from opendata_spiders.declared.calls import Call, PortalSite, Slot
from opendata_spiders.declared.json_tables import JsonTable
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import Detail, ListPage, PageError, TablePreview
from opendata_spiders.store.fields import no_field


class ReadsLists(Protocol):
    """Reads list pages: `JsonList`, `HtmlList`."""

    @property
    def kind(self) -> str:
        """Json or html."""

    @property
    def fields(self) -> tuple[str, ...]: ...

    def read(self, answer: Answer) -> ListPage: ...


class ReadsDetails(Protocol):
    """Reads details: `JsonDetail`, `HtmlDetail`."""

    @property
    def kind(self) -> str: ...

    @property
    def fields(self) -> tuple[str, ...]: ...

    def read(self, answer: Answer, id_: str) -> Detail: ...


class DeclaredFamily(PortalSpider):
    """Reads a portal whose family is declared.

    1. `list_call` and `list_page` say how a page of the list is asked for and read.
    2. `detail_call` and `detail_page` say the same of one dataset; without them the list tells all there is. A
       `detail_page` that reads no field is asked for missing datasets alone.
    3. `human_page` is the path of the page for people, with `{id}` (percent-encoded), `{context}` and `{front}`.
    4. `home_marks` all stand in the home page of the software; a page of its list is recognised by itself.
    5. `previews` are the calls that show columns or rows of a dataset without a download, each with how it is read.
    6. Whatever cannot be declared is one overridden method: `answer` for a body that has to be unlocked first,
       `page_url` for an id that is spelled differently there, `parse_detail` for a portal's own way to say *gone*.
    """

    list_call: ClassVar[Call]
    list_page: ClassVar[ReadsLists]
    detail_call: ClassVar[Call | None] = None
    detail_page: ClassVar[ReadsDetails | None] = None
    previews: ClassVar[tuple[tuple[Call, JsonTable], ...]] = ()
    human_page: ClassVar[str]
    home_marks: ClassVar[tuple[str, ...]] = ()
    knows_lists: ClassVar[bool] = True
    """Whether a page of the list tells the software; rows of an `id` without a title are too common a shape."""
    default_front: ClassVar[str] = ""
    """Where the pages for people begin, unless the row's tenant names another place as `front`."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Take kinds and fields from the declaration.

        Raises TypeError for a family that lacks a part of it, or that declares a field nobody knows.
        """
        super().__init_subclass__(**kwargs)
        if cls.family and (missing := next(cls._missing(), "")):
            raise TypeError(f"{cls.__module__}.{cls.__name__} declares no {missing}: docs/adding-a-portal.md, step 4")
        if hasattr(cls, "list_page"):
            cls.body_kind, cls.list_fields = cls.list_page.kind, cls.list_page.fields
            cls.detail_fields = cls.detail_page.fields if cls.detail_page else ()
            cls.detail_kind = cls.detail_page.kind if cls.detail_page else cls.body_kind
            if said := next(filter(None, map(no_field, (*cls.list_fields, *cls.detail_fields))), ""):
                raise TypeError(f"{cls.__module__}.{cls.__name__}: {said}")

    @classmethod
    def _missing(cls) -> Iterator[str]:
        """Attributes without which the family's requests and pages cannot be made or read."""
        due = {
            "list_call": cls.list_request is DeclaredFamily.list_request,
            "list_page": cls.parse_list is DeclaredFamily.parse_list,
            "detail_call": cls.detail_page is not None and cls.detail_request is DeclaredFamily.detail_request,
            "detail_page": cls.detail_call is not None and cls.parse_detail is DeclaredFamily.parse_detail,
            "human_page": cls.page_url is DeclaredFamily.page_url,
        }
        yield from (name for name, is_due in due.items() if is_due and getattr(cls, name, None) is None)

    def list_request(self, page: int) -> Request:
        """Ask for one list page."""
        return self._request(self.list_call, self.page_slots(page))

    def page_slots(self, page: int) -> dict[Slot, Any]:
        """What a call that asks for a page is filled with.

        Where the portal gives fewer rows a page than are asked for, pages begin that many rows apart.
        """
        length = self.reader.page_size if self.reader else self.page_size
        offset = (page - self.first_page) * length
        return {Slot.PAGE: page, Slot.OFFSET: offset, Slot.START: offset + 1, Slot.SIZE: self.page_size}

    def parse_list(self, response: Response) -> ListPage:
        """Read one list page; raises PageError."""
        return self.list_page.read(self.answer(response))

    @property
    def can_look(self) -> bool:
        """Whether a missing dataset can be asked for by itself."""
        return self.has_details or self.detail_page is not None

    def detail_request(self, id: str) -> Request:
        """Ask for one dataset."""
        return self._request(self.detail_call, {Slot.ID: id}) if self.detail_call else super().detail_request(id)

    def parse_detail(self, response: Response, id: str) -> Detail:
        """Read one dataset; raises PageError."""
        return (
            self.detail_page.read(self.answer(response), id) if self.detail_page else super().parse_detail(response, id)
        )

    def preview_requests(self, id: str) -> Sequence[Request]:
        """Ask for what is shown of one dataset's table."""
        return [self._request(call, {Slot.ID: id}) for call, _ in self.previews]

    def parse_preview(self, response: Response, id: str, part: int) -> TablePreview:
        """Read what one call shows of the table; raises PageError."""
        _, table = self.previews[part]
        return table.read(self.answer(response))

    def page_url(self, id: str) -> str:
        """Return the page for people."""
        site = self.site
        return site.base + self.human_page.format(id=quote(id, safe=""), context=site.context, front=site.front)

    def fingerprint(self, response: Response) -> bool:
        """Tell a home page by its marks, and a list answer by its titles (by its ids where the list has no titles)."""
        text = self.answer(response).text
        if self.home_marks and all(mark in text for mark in self.home_marks):
            return True
        try:
            rows = self.parse_list(response).rows if self.knows_lists else ()
        except PageError:
            return False
        return any("title" in row.values or "title" not in self.list_fields for row in rows)

    @property
    def site(self) -> PortalSite:
        """Whom the calls ask."""
        context = self.root.removeprefix(self.base_url)
        front = self.tenant.get("front", self.default_front)
        return PortalSite(self.base_url, context, self.tenant, self.list_path, front)

    def answer(self, response: Response) -> Answer:
        """The decoded body of an answer; a family whose bodies are locked opens them here."""
        read = bodies.decode(response, self.target.charset)
        return Answer(read.text, response.url, read.oddities)

    def _request(self, call: Call, slots: dict[Slot, Any]) -> Request:
        return call.request(self.site, slots)
