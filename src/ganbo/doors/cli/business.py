"""`ganbo business create`."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from ganbo.doors.cli import choosing, saying

app = typer.Typer(no_args_is_help=True, help="Businesses on this installation.")
Data = Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database and the secrets.")]


@app.callback()
def group() -> None:
    """Businesses on this installation."""


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="The name people know.")],
    owner: Annotated[str, typer.Option("--owner", help="E-mail of the owner; an account is made when there is none.")],
    slug: Annotated[str | None, typer.Option("--slug", help="Short name for addresses.")] = None,
    locale: Annotated[str, typer.Option("--locale", help="vi or en.")] = "vi",
    data: Data = None,
) -> None:
    """Create a business with its own schema, and its owner."""
    with choosing.database(role="owner", data=data):
        from ganbo.foundation.staff import operations as staff
        from ganbo.foundation.tenancy import operations
        from ganbo.kernel.refusal import Refusal
        from ganbo.people.members import contacts

        try:
            email = contacts.email(owner)
            operations.migrate_all()
            row = operations.create(name, slug=slug, locale=locale)
        except Refusal as refusal:
            saying.refuse(*_words(refusal.code))
        password = secrets.token_urlsafe(12)
        made = staff.ensure(email, name="", business_id=row.id, role="owner", password=password)
        saying.say(f"Đã tạo “{row.name}” ({row.slug}).", f"Created “{row.name}” ({row.slug}).")
        if made:
            saying.say(f"Chủ cửa hàng: {email}, mật khẩu: {password}", f"Owner: {email}, password: {password}")


def _words(code: str) -> tuple[str, str]:
    return {
        "tenancy.slug_taken": (
            "Tên ngắn này đã có. Chọn tên khác bằng --slug.",
            "This short name is taken. Choose another with --slug.",
        ),
        "members.bad_email": (
            "--owner chưa phải địa chỉ e-mail, ví dụ lan@example.com.",
            "--owner is not an e-mail address, like lan@example.com.",
        ),
    }[code]
