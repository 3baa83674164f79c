"""ganbo: customer loyalty that is exact, explained and honest about what it costs and earns."""

__version__ = "0.1.0"
