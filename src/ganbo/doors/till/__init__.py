"""The till: find or enrol a member, sell, redeem, undo."""
