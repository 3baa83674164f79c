"""Which offers to take for which pieces, so that most comes off: the combinations of offers that compete for pieces.

Pure and deterministic. Pieces that no combining offer wants keep their own best price and are not searched. The others
fall into groups that share no piece; a group of at most MOST_PIECES pieces is searched through (MOST_TRIALS bounds the
work), a larger one is filled greedily, once by what an application gains and once by what it gains per piece.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any

MOST_PIECES = 8  # pieces of a group that are searched through: at most 3^8 ways to set some of them aside
MOST_TRIALS = (
    2_000  # then the greedy choice stands: many offers of many parts, or several with a `max`, for the same pieces
)
MOST_LOOKS = 2_000  # of the greedy choice: some twenty times what a till's longest bill needs


@dataclass(slots=True)
class Kind:
    """Pieces alike: of one line and worth the same. `own` is the most that a single-piece offer takes off one of them."""

    line: int
    value: int
    count: int
    whole: bool = True  # False: a weighed line as one
    own: int = 0
    by: int = -1  # the offer of `own`


@dataclass(frozen=True, slots=True)
class Combining:
    """An offer that does not judge each piece alone.

    `parts`: of which kinds (places) how many pieces make one application. With `price` they cost that together; with
    `percent` of several pieces the cheapest is lowered, of one piece that one. `most`: all its applications together.
    """

    offer: int
    parts: tuple[tuple[tuple[int, ...], int], ...]
    price: int | None
    percent: int
    most: int | None

    @property
    def size(self) -> int:
        return sum(n for _, n in self.parts)


Need = tuple[tuple[int, int], ...]  # (kind, pieces), by kind


@dataclass(frozen=True, slots=True)
class Applied:
    """One application: the pieces it takes and what comes off them together; `times` alike."""

    offer: int
    need: Need
    off: int
    times: int = 1


def choose(kinds: Sequence[Kind], offers: Sequence[Combining]) -> tuple[list[Applied], bool]:
    """The applications of combining offers that take most off together with `own` of all other pieces; whether surely."""
    found: list[Applied] = []
    exact = True
    for places, group in _groups(kinds, offers):
        applied, sure = _of_group(kinds, places, group)
        found += applied
        exact = exact and sure
    return found, exact


def off_by(offer: Combining, need: Need, kinds: Sequence[Kind]) -> int:
    """What one application takes off, before `most`."""
    if offer.price is not None:
        return max(sum(kinds[k].value * n for k, n in need) - offer.price, 0)
    return min(kinds[k].value for k, _ in need) * offer.percent // 100


def _groups(kinds: Sequence[Kind], offers: Sequence[Combining]) -> list[tuple[list[int], list[Combining]]]:
    """Kinds and offers that have to do with each other, through any number of others."""
    head = list(range(len(kinds)))

    def top(k: int) -> int:
        while head[k] != k:
            k = head[k]
        return k

    for offer in offers:
        wanted = sorted({top(k) for places, _ in offer.parts for k in places})
        for k in wanted[1:]:
            head[k] = wanted[0]
    found: dict[int, tuple[list[int], list[Combining]]] = {}
    for offer in offers:
        found.setdefault(top(offer.parts[0][0][0]), ([], []))[1].append(offer)
    for k in range(len(kinds)):
        if (one := top(k)) in found:
            found[one][0].append(k)
    return list(found.values())


def _of_group(kinds: Sequence[Kind], places: list[int], offers: list[Combining]) -> tuple[list[Applied], bool]:
    counts = {k: kinds[k].count for k in places}
    if len(offers) == 1 and (best := _alone(kinds, offers[0], counts)) is not None:
        return best, True
    if sum(counts.values()) <= MOST_PIECES:
        search = _Search(kinds, places, offers)
        best = search.best(counts)
        if best is not None:
            return best, True
    tries = [_greedy(kinds, counts, offers, per_piece=per_piece) for per_piece in (False, True)]
    return max(tries, key=lambda applied: _gained(kinds, applied)), False


def _alone(kinds: Sequence[Kind], offer: Combining, counts: dict[int, int]) -> list[Applied] | None:
    """Of one offer that lowers single pieces of which none has another price: the dearest first. None: search."""
    if offer.price is not None or offer.size > 1 or any(kinds[k].own for k in counts):
        return None
    applied, left = [], offer.most
    for k in sorted(counts, key=lambda k: (-kinds[k].value, k)):
        off = kinds[k].value * offer.percent // 100
        if off and left is None:
            applied.append(Applied(offer.offer, ((k, 1),), off, counts[k]))
        elif off and left:
            applied += _until(offer.offer, k, off, counts[k], left)
            left -= min(left, off * counts[k])
    return applied


def _until(offer: int, kind: int, off: int, count: int, left: int) -> list[Applied]:
    """Full applications to as many pieces as `left` allows, and what remains to one more."""
    full = min(count, left // off)
    rest = min(left - full * off, off) if full < count else 0
    found = [Applied(offer, ((kind, 1),), off, full)] if full else []
    return [*found, Applied(offer, ((kind, 1),), rest)] if rest else found


def _gained(kinds: Sequence[Kind], applied: Sequence[Applied]) -> int:
    """What applications take off beyond the pieces' own best prices."""
    return sum(one.times * (one.off - _own(kinds, one.need)) for one in applied)


def _own(kinds: Sequence[Kind], need: Need) -> int:
    return sum(kinds[k].own * n for k, n in need)


class _Search:
    """Every way to share the pieces of a group: the first piece keeps its own price, or goes with an application."""

    def __init__(self, kinds: Sequence[Kind], places: Sequence[int], offers: Sequence[Combining]) -> None:
        self.kinds, self.places, self.trials = kinds, list(places), 0
        self.place_of = {kind: n for n, kind in enumerate(places)}
        self.limited = [offer.offer for offer in offers if offer.most is not None]
        self.begin = tuple(offer.most for offer in offers if offer.most is not None)
        self.first: dict[int, list[tuple[Applied, int]]] = {k: [] for k in places}  # by first kind; −1: no limit
        self.memo: dict[tuple[tuple[int, ...], tuple[Any, ...]], tuple[int, Any]] = {}
        plain: dict[Need, Applied] = {}
        for offer in offers:
            for need in _needs(kinds, offer):
                self.trials += 1
                if self.trials > MOST_TRIALS:
                    return
                off = off_by(offer, need, kinds)
                if off <= _own(kinds, need):
                    continue
                if offer.most is not None:
                    self.first[need[0][0]].append((Applied(offer.offer, need, off), self.limited.index(offer.offer)))
                elif need not in plain or off > plain[need].off:
                    plain[need] = Applied(offer.offer, need, off)
        for need, applied in plain.items():
            self.first[need[0][0]].append((applied, -1))

    def best(self, counts: dict[int, int]) -> list[Applied] | None:
        """The best applications; None when that takes too long."""
        state = tuple(counts[k] for k in self.places)
        if self.trials > MOST_TRIALS or self._from(state, self.begin) is None:
            return None
        applied, limits = [], self.begin
        while (step := self.memo.get((state, limits))) is not None and step[1] is not None:
            one, state, limits = step[1]
            if one is not None:
                applied.append(one)
        return applied

    def _from(self, state: tuple[int, ...], limits: tuple[Any, ...]) -> int | None:
        """The most that comes off the pieces that are left."""
        place = next((n for n, count in enumerate(state) if count), None)
        if place is None:
            return 0
        known = self.memo.get((state, limits))
        if known is not None:
            return known[0]
        kind = self.places[place]
        without = (*state[:place], state[place] - 1, *state[place + 1 :])
        rest = self._from(without, limits)
        if rest is None:
            return None
        found: tuple[int, Any] = (rest + self.kinds[kind].own, (None, without, limits))
        for applied, limit in self.first[kind]:
            self.trials += 1
            if self.trials > MOST_TRIALS:
                return None
            after = self._after(state, applied.need)
            if after is None:
                continue
            off = applied.off if limit < 0 else min(applied.off, limits[limit])
            left = limits if limit < 0 else (*limits[:limit], limits[limit] - off, *limits[limit + 1 :])
            rest = self._from(after, left)
            if rest is None:
                return None
            if off and off + rest > found[0]:
                found = off + rest, (Applied(applied.offer, applied.need, off), after, left)
        self.memo[state, limits] = found
        return found[0]

    def _after(self, state: tuple[int, ...], need: Need) -> tuple[int, ...] | None:
        left = list(state)
        for kind, n in need:
            place = self.place_of[kind]
            left[place] -= n
            if left[place] < 0:
                return None
        return tuple(left)


def _needs(kinds: Sequence[Kind], offer: Combining) -> Iterator[Need]:
    """Every choice of pieces for one application; one that fits its parts in several ways comes several times."""
    left = {k: kinds[k].count for places, _ in offer.parts for k in places}
    for taken in _filled(left, list(offer.parts)):
        yield tuple(sorted(taken.items()))


def _filled(left: dict[int, int], parts: list[tuple[tuple[int, ...], int]]) -> Iterator[dict[int, int]]:
    """Every way to fill the parts one after another from what is left."""
    if not parts:
        yield {}
        return
    (places, n), rest = parts[0], parts[1:]
    if n == 0:
        yield from _filled(left, rest)
        return
    for place, kind in enumerate(places):
        if not left[kind]:
            continue
        left[kind] -= 1
        for taken in _filled(left, [(places[place:], n - 1), *rest]):
            yield taken | {kind: taken.get(kind, 0) + 1}
        left[kind] += 1


def _greedy(
    kinds: Sequence[Kind], counts: dict[int, int], offers: Sequence[Combining], *, per_piece: bool
) -> list[Applied]:
    """Again and again the application that gains most, as often as its pieces are there."""
    counts, found = dict(counts), list[Applied]()
    limits = {offer.offer: offer.most for offer in offers}
    order = {n: _sorted(kinds, offer) for n, offer in enumerate(offers)}

    def look(n: int) -> tuple[int, int, Applied] | None:
        one = _best_of(kinds, counts, offers[n], order[n], limits[offers[n].offer])
        gain = one.off - _own(kinds, one.need) if one else 0
        return (-(gain * 1_000 // offers[n].size) if per_piece else -gain, n, one) if one and gain > 0 else None

    heap = [row for n in range(len(offers)) if (row := look(n))]
    heapify(heap)
    looks = len(heap)
    while heap and looks < MOST_LOOKS:
        looks += 1
        key, n, _ = heappop(heap)
        now = look(n)  # what it gains can only have become less
        if now is None:
            continue
        if now[0] > key:
            heappush(heap, now)
            continue
        one = now[2]
        times = _times(one, counts, limits[one.offer])
        found.append(Applied(one.offer, one.need, one.off, times))
        for kind, pieces in one.need:
            counts[kind] -= pieces * times
        limit = limits[one.offer]
        limits[one.offer] = None if limit is None else limit - one.off * times
        if again := look(n):
            heappush(heap, again)
    return found


def _times(one: Applied, counts: dict[int, int], limit: int | None) -> int:
    """How often the same application fits."""
    fits = min(counts[k] // n for k, n in one.need)
    return fits if limit is None else max(min(fits, limit // one.off), 1)


def _sorted(kinds: Sequence[Kind], offer: Combining) -> tuple[tuple[int, ...], ...]:
    """The kinds of each part, those first that are worth most there."""
    if offer.price is not None:
        return tuple(
            tuple(sorted(places, key=lambda k: (kinds[k].own - kinds[k].value, k))) for places, _ in offer.parts
        )
    places, n = offer.parts[0]
    if n > 1:
        return (tuple(sorted(places, key=lambda k: (-kinds[k].value, k))),)
    gains = {k: kinds[k].value * offer.percent // 100 - kinds[k].own for k in places}
    return (tuple(sorted(places, key=lambda k: (-gains[k], k))),)


def _best_of(
    kinds: Sequence[Kind],
    counts: dict[int, int],
    offer: Combining,
    order: tuple[tuple[int, ...], ...],
    limit: int | None,
) -> Applied | None:
    """The best application of one offer to what is left; None when none is."""
    if limit == 0:
        return None
    if offer.price is not None or offer.size == 1:
        need = _first(counts, [(places, n) for places, (_, n) in zip(order, offer.parts, strict=True)])
    else:
        need = _window(kinds, counts, offer, order[0])
    if need is None:
        return None
    off = off_by(offer, need, kinds)
    return Applied(offer.offer, need, off if limit is None else min(off, limit))


def _first(counts: dict[int, int], parts: Sequence[tuple[tuple[int, ...], int]]) -> Need | None:
    """The first pieces that are left, for each part."""
    taken: dict[int, int] = {}
    for places, n in parts:
        for k in places:
            if n and (some := min(counts[k] - taken.get(k, 0), n)):
                taken[k] = taken.get(k, 0) + some
                n -= some
        if n:
            return None
    return tuple(sorted(taken.items()))


def _window(kinds: Sequence[Kind], counts: dict[int, int], offer: Combining, order: tuple[int, ...]) -> Need | None:
    """Neighbours by value, of which lowering the cheapest gains most."""
    size, best, most = offer.size, None, 0
    for start in range(len(order)):
        if not counts[order[start]]:
            continue
        if kinds[order[start]].value * offer.percent // 100 <= most:
            break  # nothing cheaper can gain more
        need = _first(counts, [(order[start:], size)])
        if need is None:
            break
        gain = off_by(offer, need, kinds) - _own(kinds, need)
        if gain > most:
            best, most = need, gain
    return best
