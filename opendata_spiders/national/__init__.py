"""The national register of data (国家公共数据资源登记平台): an official second source beside the portals.

`interface` describes its calls, `plan` selects what is due tonight, `spider` asks. It is not a portal: it has no
catalogue to compare and belongs to none of the 364 governments. Its entries for a missing dataset are shown as evidence
and prove nothing alone.
"""
