"""The wallet: a member sees card, points, rewards and history."""
