"""The house rules as tests: sizes, rooms, words, documents. Fast and pure; `make check` runs them."""
