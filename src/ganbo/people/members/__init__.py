"""Who the customers are: identity, cards, sign-in codes, and the standing row that is their lock."""
