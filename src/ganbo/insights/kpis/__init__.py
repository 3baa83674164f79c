"""KPIs, each written once as an Ibis expression over the warehouse: the same on DuckDB and on Spark.

A KPI is a sum over its members, so that those behind a number always count to it. Definitions: docs/reference/kpis.md.
"""
