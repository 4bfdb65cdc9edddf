"""The national register of data (国家公共数据资源登记平台): an official second source beside the portals.

`interface` is its recipe, `plan` says what is due tonight, `spider` asks. It is no portal: it has no catalogue to
compare and no place among the 364 governments. What it says of a missing dataset is evidence and proves nothing alone.
"""
