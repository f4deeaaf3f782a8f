"""Tags and filters that every page may use (built in, no `load`): how things are written and drawn.

They know Vietnamese and the look of the portal, but no rule of the programme.
"""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

PRODUCT_NAME = "Cổng OCOP"
PROGRAMME_NAME = "Chương trình Mỗi xã một sản phẩm"
STARS = 5
NO_BREAK = "\u00a0"
WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")


@register.simple_tag
def product_name() -> str:
    return PRODUCT_NAME


@register.simple_tag
def programme_name() -> str:
    return PROGRAMME_NAME


# --- Drawn --------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A symbol of templates/_icons.html, of the size and colour of the text around it.

    Decoration, unless `label` says in words what it means.
    """
    use = format_html('<use href="#icon-{}"></use>', name)
    if label:
        return format_html('<svg class="ocop-icon" role="img" aria-label="{}">{}</svg>', label, use)
    return format_html('<svg class="ocop-icon" aria-hidden="true" focusable="false">{}</svg>', use)


@register.simple_tag
def stars(number: int | None, potential: bool = False) -> SafeString:
    """`number` of five stars, in words if there are none; `potential` says: not yet given."""
    if not number:
        return format_html('<span class="ocop-stars-none">{}</span>', "chưa có hạng sao")
    text = f"Tiềm năng {number} sao" if potential else f"{number} sao"
    drawn = format_html_join(
        "",
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="#icon-star"></use></svg>',
        (("is-on" if place < number else "is-off",) for place in range(STARS)),
    )
    mark = format_html('<span class="ocop-stars-mark">{}</span>', "tiềm năng") if potential else ""
    return format_html(
        '<span class="ocop-stars{}" role="img" aria-label="{}">{}{}</span>',
        " is-potential" if potential else "",
        text,
        drawn,
        mark,
    )


@register.simple_tag
def badge(text: Any, tone: str = "") -> SafeString:
    """A state in a word or two; `tone` is "", info, success, warning or danger."""
    return format_html(
        '<span class="ocop-badge{}">{}</span>', f" ocop-badge-{tone}" if tone else "", text
    )


# --- Written ------------------------------------------------------------------------------------


@register.filter
def points(value: Decimal | float | str | None, places: int = 2) -> str:
    """A score with two decimals, half up, and a decimal comma: 87.665 becomes "87,67"."""
    if value is None or value == "":
        return "–"
    step = Decimal(1).scaleb(-places)
    rounded = Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP)
    return number_format(rounded, decimal_pos=places)


@register.filter
def vnd(value: Decimal | float | None) -> str:
    """Money in whole đồng: "1.250.000 đồng"."""
    if value is None or value == "":
        return "–"
    whole = Decimal(str(value)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return f"{number_format(whole, decimal_pos=0, force_grouping=True)}{NO_BREAK}đồng"


@register.filter
def plain(value: Any) -> str:
    """A fact of a list in a few words: a day as dd/mm/yyyy, nothing as a stroke."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return points(value) if isinstance(value, Decimal) else str(value)


@register.filter
def initials(name: str) -> str:
    """The first and the last word's letters of a name: "Nguyễn Thị Hoa" becomes "NH"."""
    words = [word for word in str(name).split() if word[0].isalpha()]
    ends = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in ends).upper()


@register.filter
def in_words(day: date | None) -> str:
    """A date as it is spoken: "Thứ Ba, ngày 24 tháng 11 năm 2026"."""
    if day is None:
        return ""
    # Decree 30/2020: days below 10 and the months January and February are written with a zero.
    month = f"{day.month:02}" if day.month <= 2 else str(day.month)
    return f"{WEEKDAYS[day.weekday()]}, ngày {day.day:02} tháng {month} năm {day.year}"


@register.simple_tag
def today_in_words() -> str:
    return in_words(timezone.localdate())


# --- Where we are -------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def current_entry(context: template.Context, entries: Iterable[Any]) -> str:
    """The address of the menu entry that the page belongs to: the longest that fits its path."""
    request = context.get("request")
    if request is None:
        return ""
    fitting = [entry.url for entry in entries if request.path.startswith(entry.url)]
    return max(fitting, key=len, default="")


@register.filter
def page_numbers(paginator: Paginator, number: int) -> list[int]:
    """The page numbers to offer around `number`; 0 stands for a gap."""
    shown = paginator.get_elided_page_range(number, on_each_side=1, on_ends=1)
    return [page if isinstance(page, int) else 0 for page in shown]
