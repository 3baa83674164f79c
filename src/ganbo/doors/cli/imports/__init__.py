"""`ganbo import members|balances|sales`: what another system has, from its files into the journeys that bring it in."""
