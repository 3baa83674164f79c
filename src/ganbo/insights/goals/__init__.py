"""How a programme's goals stand: figures from the KPIs, a light and a forecast, and the report when a version has ended."""
