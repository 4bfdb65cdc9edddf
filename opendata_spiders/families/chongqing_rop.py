"""chongqing_rop: the former portal of Chongqing, a GraphQL interface."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonList, Slot

_QUERY = """query ($input: ResourceProductPageInput) {
  result: resourcesCatalogueList(input: $input) {
    total
    data {
      id resourceName resourceDesc organizationName classificationName updateDate openAttr renewCycle
      downloadCnt visitCnt fileTypes tags interfaceNum fileNum
    }
  }
}"""


class ChongqingRopSpider(DeclaredFamily):
    """Reads Chongqing's former portal (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/rop-frontier/graphql`, also where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `POST` of a GraphQL query with offset and limit. One crawler (2023), whose single call asked for all 5,612
       datasets; a hundred a page are asked for here. Total: `data.result.total`.
    3. There are no details: the list tells all there is.
    4. The page for people is `/rop/assets`, where the call comes from; none of a single dataset is recorded.

    Quirks:

    5. By 2026 the portal has moved to data.dsjj.cq.gov.cn, whose interface nobody has published.
    6. `openAttr` and `renewCycle` are English words, read by the code tables.
    7. `tags` holds industries and topics; the shape of the lists within is a guess. The first industry is read, and the
       topics where no classification is given.
    8. An error comes as `errors` inside HTTP 200, as GraphQL has it.

    Gone: never, for there are no details.
    """

    family = "chongqing_rop"
    page_size = 100
    default_context = "/rop-frontier/graphql"
    list_call = Call(
        "{context}",
        referer="/rop/assets",
        json={
            "operationName": None,
            "variables": {
                "input": {
                    "offset": Slot.OFFSET, "limit": Slot.SIZE, "keyword": "", "classificationId": None,
                    "shareType": None, "ordFiled": None, "ordSort": None, "openAttr": None, "tags": {},
                },
            },
            "extensions": {},
            "query": _QUERY,
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="data.result.data",
        totals=("data.result.total",),
        id="id",
        keys={
            "resourceName": "title",
            "resourceDesc": "description",
            "organizationName": "office",
            "classificationName": "theme",
            "tags.TOPIC": "theme",
            "tags.INDUSTRY[0]": "industry",
            "updateDate": "updated",
            "renewCycle": "frequency",
            "openAttr": "open_type",
            "fileTypes": "formats",
            "fileNum": "files",
            "interfaceNum": "apis",
            "visitCnt": "views",
            "downloadCnt": "downloads",
        },
    )
    human_page = "/rop/assets"
