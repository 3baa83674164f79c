"""The embedded PostgreSQL: found, initialised, started, supervised and stopped by ganbo itself.

Only the wheel's binaries are used. Production names its own server in GANBO_DATABASE_URL and never comes here.
"""
