"""What every page shares: base templates, components, icons, type, colours, scripts, headers and error pages.

Doors extend ui/base_till.html, ui/base_wallet.html or ui/base_console.html and include ui/parts/*.html.
The CSS, fonts and icons under static/ are built from assets-src at development time (`make css`).
"""
