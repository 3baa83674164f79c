"""Businesses, their schemas and how a request finds its business.

Every business is a PostgreSQL schema; the public one holds only who exists.
"""
