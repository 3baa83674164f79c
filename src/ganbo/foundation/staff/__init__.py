"""Staff accounts, their memberships in businesses, and API keys.

Lives in the public schema; members (customers) live elsewhere.
"""
