"""The warehouse: what happened in a business as Parquet files, for KPIs, liability and anyone's own tools.

Filled incrementally by a watermark; a manifest says which files count. It holds no name, phone, e-mail, card or code:
members are ids. Every table and column is written down in docs/reference/warehouse.md.
"""
