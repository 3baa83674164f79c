"""Tests of the API that need no server."""
