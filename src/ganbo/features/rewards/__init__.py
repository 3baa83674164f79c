"""Redemptions and the vouchers they issue; stock that was taken."""
