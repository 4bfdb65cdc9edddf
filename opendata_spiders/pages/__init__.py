"""A portal's answers: what parsers return, bodies within limits, walls, pages that say a dataset is gone."""
