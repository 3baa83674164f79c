"""What a merchant's own sales file says of loyalty: no database, no set-up.

`files` opens it, `columns` guesses its names, `numbers` and `dates` read its cells, `reading` puts lines together and says
what it left out and why; `figures`, `rfm` and `lifetime` count; `findings` says it in plain words.
"""
