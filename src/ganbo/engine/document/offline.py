"""`offline`: what a till may give while it has no network."""

from pydantic import BaseModel

from ganbo.engine.document.shapes import STRICT, Cost


class OfflineDoc(BaseModel):
    """What a till may give while it has no network; sales earn in any case."""

    model_config = STRICT
    redeem_up_to: Cost
    """The most that gifts taken by one customer in a day may be worth, in minor units; 0: none are given.

    {redeem_up_to: 100000}
    """
