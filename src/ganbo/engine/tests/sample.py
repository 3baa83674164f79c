"""The contract's sample programme, as far as this version carries it out."""

SAMPLE = """\
ganbo: 1
programme: gan-bo
name: {vi: Gắn Bó, en: Gắn Bó Club}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, face_value: 100, expires: {kind: end_of_month, months: 12},
           pending: {kind: none}, on_refund: within_balance}
earn:
  - {id: base, on: purchase, when: order.net >= 10000, give: {wallet: points, amount: 1, per: 10000, of: net, rounding: down, carry: false}}
  - {id: tea-hour, on: purchase, when: 'local.weekday == "tue" && local.hour >= 16', multiply: {rule: base, by: 2}}
  - {id: beans, on: purchase, lines: 'line.category == "beans"', give: {wallet: points, amount: 5, per: 1, of: quantity}}
  - {id: review, on: review, when: event.verified, give: {wallet: points, amount: 20}, limits: [{scope: member, period: day, count: 1}]}
  - {id: welcome, on: signup, give: {wallet: points, amount: 50}}
tiers:
  levels:
    - {id: bronze, name: {vi: Đồng, en: Bronze}}
    - {id: silver, name: {vi: Bạc, en: Silver}, benefits: {multiply: 1.2}}
    - {id: gold, name: {vi: Vàng, en: Gold}, benefits: {multiply: 1.5}}
rewards:
  - {id: free-coffee, kind: free_item, sku: latte, cost: 12000}
  - {id: ten-percent, kind: discount, percent: 10, max: 50000, valid_days: 30}
  - {id: tote, kind: gift, price: {wallet: points, amount: 300}, stock: 40, cost: 60000, limits: [{scope: member, period: month, count: 1}]}
examples:
  - given: {member: {tier: silver}}
    event: {type: purchase, occurred_at: 2026-11-24T17:00:00+07:00, data: {lines: [{sku: latte, category: coffee, quantity: 2, unit_price: 55000}]}}
    expect: {points: 26}
"""

_HEAD = """\
ganbo: 1
programme: small
name: Nhỏ
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, face_value: 100, expires: {kind: never}}
  stars: {name: sao, expires: {kind: never}}
tiers:
  levels:
    - {id: bronze}
    - {id: silver, benefits: {multiply: 1.2}}
earn:
"""


def with_rules(*rules: str) -> str:
    """A small programme with these earn rules."""
    return _HEAD + "".join(f"  - {rule}\n" for rule in rules)
