"""What each KPI is called, says in one plain sentence, and how it is reckoned, in Vietnamese and English."""

from dataclasses import dataclass

from ganbo.kernel.local_text import LocalText


@dataclass(frozen=True, slots=True)
class Words:
    """`says` is the plain sentence, `numerator ÷ denominator` the formula; a count has no denominator."""

    name: LocalText
    says: LocalText
    numerator: LocalText
    denominator: LocalText

    def formula(self, lang: str) -> str:
        """The formula as one line."""
        below = self.denominator.text(lang)
        return f"{self.numerator.text(lang)} ÷ {below}" if below else self.numerator.text(lang)


def _words(*texts: tuple[str, str]) -> Words:
    name, says, above, below = (LocalText({"vi": vi, "en": en} if vi else {}) for vi, en in texts)
    return Words(name, says, above, below)


_BOUGHT_BEFORE = ("khách mua tháng trước", "members who bought in the month before")
_ACTIVE = ("thành viên có mua trong tháng", "members who bought in the month")
_NONE = ("", "")

WORDS = {
    "crr": _words(
        ("Tỷ lệ giữ chân", "Retention rate"),
        ("Trong số khách mua tháng trước, bao nhiêu phần mua lại tháng này.",
         "Of those who bought last month, the share who bought again this month."),
        ("khách mua tháng trước và mua lại tháng này", "of them, those who bought again this month"),
        _BOUGHT_BEFORE,
    ),
    "churn": _words(
        ("Tỷ lệ rời bỏ", "Churn"),
        ("Trong số khách mua tháng trước, bao nhiêu phần không quay lại tháng này.",
         "Of those who bought last month, the share who did not come back this month."),
        ("khách mua tháng trước mà tháng này không mua", "of them, those who did not buy this month"),
        _BOUGHT_BEFORE,
    ),
    "repeat_purchase_rate": _words(
        ("Tỷ lệ mua lại", "Repeat purchase rate"),
        ("Trong số khách từng mua, bao nhiêu phần đã mua từ hai lần.",
         "Of everybody who ever bought, the share who did so at least twice."),
        ("khách đã mua từ hai lần đến hết tháng", "members with two orders or more up to the month's end"),
        ("khách đã mua ít nhất một lần", "members with at least one"),
    ),
    "aov": _words(
        ("Giá trị một hóa đơn", "Average order value"),
        ("Một lần mua của thành viên trung bình bao nhiêu tiền.", "What a member's purchase comes to on average."),
        ("doanh thu từ thành viên", "revenue from members"),
        ("hóa đơn của thành viên", "members' orders"),
    ),
    "purchase_frequency": _words(
        ("Số lần mua mỗi khách", "Purchase frequency"),
        ("Một thành viên có mua thì mua mấy lần trong tháng.", "How often a member who bought did so in the month."),
        ("hóa đơn của thành viên", "members' orders"),
        _ACTIVE,
    ),
    "active_members": _words(
        ("Thành viên có mua", "Active members"),
        ("Bao nhiêu thành viên mua ít nhất một lần trong tháng.", "How many members bought at least once in the month."),
        _ACTIVE,
        _NONE,
    ),
    "new_members": _words(
        ("Thành viên mới", "New members"),
        ("Bao nhiêu người đăng ký trong tháng.", "How many people joined in the month."),
        ("người đăng ký trong tháng", "people who joined in the month"),
        _NONE,
    ),
    "new_buyers": _words(
        ("Khách mua lần đầu", "First-time buyers"),
        ("Bao nhiêu thành viên mua lần đầu tiên.", "How many members bought for the first time ever."),
        ("thành viên có hóa đơn đầu tiên trong tháng", "members whose first order was in the month"),
        _NONE,
    ),
    "reactivated_members": _words(
        ("Khách quay lại sau khi nghỉ", "Reactivated members"),
        ("Bao nhiêu khách cũ nghỉ ít nhất một tháng rồi mua lại.",
         "How many earlier customers bought again after at least a month without."),
        ("khách cũ mua tháng này mà tháng trước không mua", "earlier buyers who bought this month and not the month before"),
        _NONE,
    ),
    "revenue": _words(
        ("Doanh thu", "Revenue"),
        ("Tiền hàng sau giảm và trả lại, của mọi hóa đơn.", "What all orders came to after discounts and returns."),
        ("tiền hàng của mọi hóa đơn trong tháng", "net of all orders of the month"),
        _NONE,
    ),
    "receipts_with_member": _words(
        ("Hóa đơn có thành viên", "Receipts with a member"),
        ("Bao nhiêu phần hóa đơn biết là của ai.", "The share of receipts of which we know whose they are."),
        ("hóa đơn có thành viên", "receipts with a member"),
        ("mọi hóa đơn", "all receipts"),
    ),
    "engagement_share": _words(
        ("Phần doanh thu từ thành viên", "Members' share of sales"),
        ("Bao nhiêu phần doanh thu đến từ thành viên.", "The share of revenue that comes from members."),
        ("doanh thu từ thành viên", "revenue from members"),
        ("mọi doanh thu", "all revenue"),
    ),
    "points_issued": _words(
        ("Điểm đã phát", "Points issued"),
        ("Bao nhiêu điểm thành viên được tích trong tháng.", "How many points members were given in the month."),
        ("điểm được tích", "points given"),
        _NONE,
    ),
    "points_redeemed": _words(
        ("Điểm đã dùng", "Points redeemed"),
        ("Bao nhiêu điểm được đổi hoặc trả tiền trong tháng.", "How many points were redeemed or paid with in the month."),
        ("điểm đã dùng, trừ phần được trả lại", "points used, less what came back"),
        _NONE,
    ),
    "points_expired": _words(
        ("Điểm hết hạn", "Points expired"),
        ("Bao nhiêu điểm hết hạn mà chưa dùng.", "How many points ended unused."),
        ("điểm hết hạn", "points that ended"),
        _NONE,
    ),
    "redemption_rate": _words(
        ("Tỷ lệ dùng điểm", "Redemption rate"),
        ("Cứ một điểm phát ra thì dùng bao nhiêu điểm, trong cùng tháng.",
         "For each point given in the month, how many were used in it."),
        ("điểm đã dùng", "points redeemed"),
        ("điểm đã phát", "points issued"),
    ),
    "breakage": _words(
        ("Tỷ lệ điểm bỏ phí", "Breakage"),
        ("Trong số điểm kết thúc trong tháng, bao nhiêu phần hết hạn mà không ai dùng.",
         "Of the points that came to an end in the month, the share nobody used."),
        ("điểm hết hạn", "points expired"),
        ("điểm hết hạn và điểm đã dùng", "points expired or redeemed"),
    ),
    "points_outstanding": _words(
        ("Điểm đang giữ", "Points outstanding"),
        ("Thành viên đang giữ bao nhiêu điểm cuối tháng.", "How many points members hold at the month's end."),
        ("điểm dùng được, đang chờ và đang tạm giữ", "points that are usable, waiting or set aside"),
        _NONE,
    ),
    "liability": _words(
        ("Nghĩa vụ điểm", "Points liability"),
        ("Nếu mọi người dùng hết điểm thì cửa hàng nợ bao nhiêu, theo giá trị quy đổi.",
         "What the shop would owe if everybody used all points, at face value."),
        ("điểm đang giữ × giá trị quy đổi", "points outstanding × face value"),
        _NONE,
    ),
    "nps": _words(
        ("NPS", "NPS"),
        ("Người sẵn lòng giới thiệu (9–10) nhiều hơn người không hài lòng (0–6) bao nhiêu, trên một trăm.",
         "By how many in a hundred those who would recommend us (9–10) outnumber the unhappy (0–6)."),
        ("người cho 9–10 trừ người cho 0–6", "answers of 9–10 less answers of 0–6"),
        ("mọi câu trả lời", "all answers"),
    ),
    "csat": _words(
        ("Độ hài lòng (CSAT)", "Satisfaction (CSAT)"),
        ("Bao nhiêu phần câu trả lời là hài lòng (4–5).", "The share of answers that are satisfied (4–5)."),
        ("câu trả lời 4 hoặc 5", "answers of 4 or 5"),
        ("mọi câu trả lời", "all answers"),
    ),
    "ces": _words(
        ("Mức dễ dàng (CES)", "Ease (CES)"),
        ("Khách thấy mua hàng dễ đến mức nào, trung bình từ 1 đến 7.", "How easy customers found it, on average from 1 to 7."),
        ("tổng điểm các câu trả lời", "sum of the marks"),
        ("mọi câu trả lời", "all answers"),
    ),
    "acquisition_cost": _words(
        ("Chi phí có một thành viên mới", "Cost of a new member"),
        ("Tiền dự kiến cho quảng bá và công cụ chia cho số thành viên mới.",
         "What is planned for promotion and tools, for each new member."),
        ("kế hoạch của các hạng mục không chi cho quà, mỗi tháng", "plan of the budget lines that pay no rewards, a month"),
        ("thành viên mới", "new members"),
    ),
    "retention_cost": _words(
        ("Chi phí giữ một khách", "Cost of keeping a member"),
        ("Tiền quà của tháng chia cho số thành viên có mua.", "What rewards cost in the month, for each member who bought."),
        ("tiền quà lấy từ ngân sách, trừ phần trả lại", "what rewards took of the budget, less what came back"),
        _ACTIVE,
    ),
}  # fmt: skip
