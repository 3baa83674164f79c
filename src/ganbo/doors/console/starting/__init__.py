"""Bắt đầu từ doanh số: five steps from a sales file, or three numbers, to a programme in force."""
