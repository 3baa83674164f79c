"""A back-test in Vietnamese and English: what was supposed, figures by name, findings, who gains and who loses."""

from typing import Any

from ganbo.engine.programme import Programme
from ganbo.foundation import i18n
from ganbo.insights.look.sentences import number, percent, pick

FINDINGS = {
    "dear": (
        "Quà và ưu đãi tốn {share} doanh thu: nhiều hơn phần lớn chương trình kiếm lại được.",
        "Rewards and offers cost {share} of the sales: more than most programmes bring back.",
    ),
    "budget_used_up": (
        "Dòng ngân sách “{line}” ({planned}) hết vào ngày {used_up_on}.",
        "The line “{line}” of the budget ({planned}) is used up on {used_up_on}.",
    ),
    "budget_used_up_monthly": (
        "Dòng ngân sách “{line}” ({planned} mỗi tháng) hết sớm trong {over} trên {periods} tháng, sớm nhất là ngày {earliest}.",
        "The line “{line}” of the budget ({planned} a month) is used up early in {over} of {periods} months, as early as day {earliest}.",
    ),
    "cost_unknown": (
        "Chưa rõ giá vốn của {rewards}: ghi `cost` thì mới tính được chi phí.",
        "Nobody says what {rewards} cost: with `cost` they would be counted.",
    ),
    "worst_month": (
        "Tháng tốn nhất là {month}: {cost}, bằng {share} doanh thu của thành viên.",
        "The dearest month is {month}: {cost}, {share} of the members' sales.",
    ),
    "never_gave": ("Quy tắc chưa lần nào cho gì: {rules}.", "These rules never gave anything: {rules}."),
    "card_never_stamped": ("Thẻ tem chưa lần nào có tem: {cards}.", "These stamp cards never got a stamp: {cards}."),
    "level_not_reached": ("Hạng không ai đạt: {levels}.", "Levels nobody is in at the end: {levels}."),
    "first_gift": (
        "{share} thành viên có món quà đầu tiên, thường sau {days} ngày.",
        "{share} of the members get a first gift, typically after {days} days.",
    ),
    "no_gift": ("Không thành viên nào có quà.", "No member gets a gift."),
    "top_gets": (
        "{members} khách được nhiều nhất (1 %) nhận {share} tất cả những gì chương trình cho.",
        "The {members} members who get most (1%) receive {share} of all that the programme gives.",
    ),
}


def money(amount: int, programme: Programme, lang: str) -> str:
    """Minor units as the reader writes money."""
    return i18n.money(amount, programme.currency, lang)


def assumptions(found: dict[str, Any], lang: str) -> list[str]:
    """What was supposed, a sentence each."""
    told = found["assumptions"]
    if told["redeem"] == "recorded":
        return [
            pick(
                (
                    "Theo sổ của cửa hàng: việc đã ghi, việc đã hủy và quà đã đổi, đúng lúc chúng xảy ra.",
                    "By the shop's own record: what happened, what was undone and which rewards were taken, each when it was.",
                ),
                lang,
            )
        ]
    redeem = {
        "none": ("không ai đổi quà", "nobody redeems"),
        "when-affordable": (
            "ai cũng đổi ngay món rẻ nhất khi vừa đủ điểm",
            "everybody takes the cheapest reward as soon as it is affordable",
        ),
    }.get(
        told["redeem"],
        (
            f"{percent(told['rate'], lang)} thành viên đổi ngay món rẻ nhất khi vừa đủ điểm, số còn lại không bao giờ đổi",
            f"{percent(told['rate'], lang)} of the members take the cheapest reward as soon as they can, the rest never",
        ),
    )
    joins = (
        ("khách vào chương trình cùng hóa đơn đầu", "customers join with their first bill")
        if told["joins_with_first_bill"]
        else ("không ai được quà ghi danh", "nobody signs up")
    )
    uplift = (
        (f"mua thêm {percent(told['uplift'], lang)}", f"{percent(told['uplift'], lang)} more sales")
        if told["uplift"]
        else ("không ai mua nhiều hơn vì chương trình", "nobody buys more because of the programme")
    )
    supposed = "; ".join(pick(one, lang) for one in (redeem, joins, uplift))
    return [
        pick(("Giả định: {}.", "Supposed: {}."), lang).format(supposed),
        pick(
            (
                "Mọi phiếu đều được dùng; giá vốn như đã ghi, nếu không thì bằng trị giá trên hóa đơn trung bình.",
                "Every voucher is used; a reward costs what is stated, else what it is worth on the mean bill.",
            ),
            lang,
        ),
    ]


def finding(told: dict[str, Any], programme: Programme, lang: str) -> str:
    """A finding in words."""
    code = "no_gift" if told["code"] == "first_gift" and not told["share"] else told["code"]
    shown: dict[str, str] = {}
    for name, value in told.items():
        if name == "share":
            shown[name] = percent(value, lang)
        elif name in ("cost", "planned"):
            shown[name] = money(value, programme, lang)
        elif isinstance(value, list):
            shown[name] = ", ".join(value)
        else:
            shown[name] = value if isinstance(value, str) else number(value, lang)
    return pick(FINDINGS[code], lang).format(**shown)


def against(told: dict[str, Any], other: str, programme: Programme, lang: str) -> str:
    """How members fare compared with the first draft."""
    better, worse, same = (number(told[name], lang) for name in ("better_off", "worse_off", "same"))
    return pick(
        (
            f"So với {other}: {better} khách được hơn, {worse} khách thiệt hơn, {same} khách như nhau.",
            f"Compared with {other}: {better} members are better off, {worse} worse off, {same} the same.",
        ),
        lang,
    )


def figures(found: dict[str, Any], programme: Programme, lang: str) -> dict[str, str]:
    """The figures of the whole time: name → value, in the order in which they are shown."""
    rows: list[tuple[tuple[str, str], str]] = [
        (("thành viên", "members"), number(found["members"], lang)),
        (("việc đã sống lại", "events replayed"), number(found["events"], lang)),
        (("doanh thu", "sales"), money(found["sales"], programme, lang)),
        (("  của thành viên", "  of members"), money(found["sales_members"], programme, lang)),
        (("chi phí", "cost"), money(found["cost"], programme, lang)),
        (("  trên doanh thu", "  of sales"), percent(found["cost_share"], lang)),
    ]
    if found["cost_of_offers"]:
        rows.append((("  trong đó ưu đãi", "  of which offers"), money(found["cost_of_offers"], programme, lang)))
    for wallet in programme.wallets.values():
        name = wallet.name.text(lang)
        rows += [
            ((f"{name}: đã cho", f"{name}: issued"), number(found["issued"][wallet.id], lang)),
            ((f"{name}: đã đổi", f"{name}: redeemed"), number(found["redeemed"][wallet.id], lang)),
            ((f"{name}: hết hạn", f"{name}: expired"), number(found["expired"][wallet.id], lang)),
            ((f"{name}: còn lại", f"{name}: outstanding"), number(found["outstanding"][wallet.id], lang)),
        ]
    rows.append((("nghĩa vụ cuối kỳ", "liability at the end"), money(found["liability"], programme, lang)))
    rows += [
        ((f"hạng {level.name.text(lang)}", f"level {level.name.text(lang)}"), number(found["tiers"][level.id], lang))
        for level in programme.levels
    ]
    rows += [
        ((f"quà: {r.name.text(lang)}", f"reward: {r.name.text(lang)}"), number(found["rewards"][r.id], lang))
        for r in programme.rewards.values()
        if r.id in found["rewards"]
    ]
    days = found["first_gift"]["days"]
    first = "–" if days is None else pick((f"{days} ngày", f"{days} days"), lang)
    rows.append((("đến món quà đầu (thường)", "to the first gift (typical)"), first))
    rows += [
        (
            (f"ngân sách {row['line']}", f"budget {row['line']}"),
            f"{money(row['spent'], programme, lang)} / {money(row['planned'], programme, lang)}",
        )
        for row in found["budget"]
    ]
    return {pick(name, lang): value for name, value in rows}
