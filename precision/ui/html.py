"""The parts of a page that Streamlit has no widget for: markup from escaped text, and the one call that shows it.

Every text parameter is a plain string and is escaped here; ``Html`` is markup that was made here and goes in as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

import streamlit as st

from precision.errors import InputError
from precision.ui.severity import Level, level_of, severity


class Html(str):
    """Markup made from escaped text. Joining it with ``+`` gives a plain string, which is escaped when used."""

    __slots__ = ()


Text = str | Html
NOTHING = Html()
MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#+!|~:$&.@]")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a key-value list; a level colours the value, which then has to be a severity word."""

    label: str
    value: Text
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A fact about the patient in the identity strip; a ``minor`` one gives way on a phone."""

    label: str
    value: str
    note: str = ""
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """A figure of the count strip with its spread or remark."""

    label: str
    figure: str
    note: str = ""
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A table column: its heading, its share of the width in percent (0: as needed) and its alignment."""

    name: str
    width: float = 0
    align: Literal["left", "right"] = "left"


@dataclass(frozen=True, slots=True)
class Action:
    """What to do for a patient: severity, verb and object, one sentence of reason, and who says so how strongly."""

    level: Level
    word: str
    title: str
    reason: str
    source: str
    strength: str = ""


def show(markup: Html, width: Literal["stretch", "content"] = "stretch") -> None:
    """Put markup on the page.

    Raises
    ------
    InputError : a plain string, which nobody has escaped
    """
    if type(markup) is not Html:
        raise InputError("only markup made by precision.ui can be shown as HTML; pass text to one of its functions")
    st.html(markup, width=width)


def plain(text: str) -> str:
    """Text from a file for a widget's label, which Streamlit reads as markdown: signs with a meaning are escaped."""
    return MARKDOWN.sub(r"\\\g<0>", text).replace(":", ":\N{WORD JOINER}")  # so that no ':material/icon:' is left


def join(*parts: Text) -> Html:
    """Markup and text in a row; text is escaped."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def tag(name: str, *content: Text, **attributes: str) -> Html:
    """An element; ``cls`` is class, ``_`` in an attribute name is ``-``, one with an empty value is left out.

    A qualifier has a line of its own; the space before it parts it where the styles are not there yet.
    """
    before = " " if attributes.get("cls") == "qualifier" else ""
    given = "".join(
        f' {"class" if key == "cls" else key.replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value
    )
    return Html(f"{before}<{name}{given}>{join(*content)}</{name}>")


def icon(name: str) -> Html:
    """A Material symbol by name, silent for a screen reader."""
    return tag("i", cls="icon", data_icon=name)


def chip(level: Level, word: str) -> Html:
    """Severity as icon, word and colour."""
    return tag("span", icon(severity(level).icon), tag("span", word), cls=f"chip s{level}")


def count_chip(level: Level, count: int, word: str) -> Html:
    """How many things of a severity there are: '2 to avoid'; coloured only above zero."""
    colour = f"s{severity(level).level}" if count else "s0"
    return tag("span", icon(severity(level).icon), tag("span", f"{count:,} {word}"), cls=f"chip {colour}")


def badge(word: str, icon_name: str = "", level: Level = 0) -> Html:
    """A quiet label beside a heading: what data this is, which model, whether in range."""
    return tag(
        "span", icon(icon_name) if icon_name else NOTHING, tag("span", word), cls=f"badge s{severity(level).level}"
    )


def note(*parts: Text) -> Html:
    """A remark in small muted type: a source, an assumption, how a list is sorted."""
    return tag("p", *parts, cls="note")


def sentence(*parts: Text) -> Html:
    """Running text of at most 70 characters a line."""
    return tag("p", *parts, cls="sentence")


def strong(text: str) -> Html:
    """A stressed part of a sentence."""
    return tag("b", text)


def source(text: str, url: str = "") -> Html:
    """Who says so, with a link that opens in its own tab.

    Raises
    ------
    InputError : the address does not begin with https://
    """
    return note(link(text, url))


def link(text: str, url: str) -> Html:
    """A link that opens in its own tab, the bare text where there is no address.

    Raises
    ------
    InputError : the address does not begin with https://
    """
    if not url:
        return join(text)
    if not url.startswith("https://"):
        raise InputError(f"address '{url}' of source '{text}' does not begin with https://")
    return tag("a", text, href=url, target="_blank", rel="noopener noreferrer")


def heading(text: str, beside: Sequence[Html] = (), right: Sequence[Text] = (), level: Literal[1, 2, 3] = 2) -> Html:
    """A heading line: 1 page, 2 section, 3 card; badges beside the words, badges or a remark at the right."""
    remark = tag("span", *right, cls="right") if right else NOTHING
    badges = (part for badge in beside for part in (" ", badge))
    return tag("div", tag(f"h{level}", text), *badges, remark, cls=f"heading h{level}")


def card_heading(icon_name: str, name: str, level: Level | None = None, word: str = "") -> Html:
    """First row of a card: icon and name at the left, the severity chip at the right."""
    state_chip = NOTHING if level is None else chip(level, word)
    title = tag("h2", icon(icon_name) if icon_name else NOTHING, name)
    return tag("div", title, tag("span", state_chip, cls="right"), cls="heading card")


def values(rows: Sequence[Row]) -> Html:
    """Label and value in lines: the body of a card, of "Data behind this page", of a "Why?"."""
    return tag("dl", *(_value(row) for row in rows), cls="values")


def _value(row: Row) -> Html:
    colour = "" if row.level is None else f"t{severity(row.level).level}"
    return tag("div", tag("dt", row.label), tag("dd", row.value, cls=colour))


def identity(patient: str, fields: Sequence[Field]) -> Html:
    """Who the page is about; the patient's identifier is the page's first heading."""
    first = tag("div", tag("span", "Patient", cls="label"), " ", tag("h1", patient, cls="figure"))
    return tag("div", first, *(_field(field) for field in fields), cls="identity")


def _field(field: Field) -> Html:
    remark = join(" ", tag("small", field.note)) if field.note else NOTHING
    label = tag("span", field.label, cls="label")
    return tag("div", label, " ", tag("span", field.value, remark), cls="minor" * field.minor)


def counts(items: Sequence[Count]) -> Html:
    """Key figures in one line, each with its spread: 'Median age 61 54 to 69'."""
    return tag("dl", *(_count(item) for item in items), cls="counts")


def _count(item: Count) -> Html:
    colour = "" if item.level is None else f" t{severity(item.level).level}"
    figure = tag("span", item.figure, cls=f"figure{colour}")
    return tag("div", tag("dt", item.label, cls="label"), tag("dd", figure, " ", tag("small", item.note)))


def action(item: Action) -> Html:
    """One ranked action: chip, what to do and why, who says so."""
    strength = f" {item.strength}" if item.strength else ""  # parted from the source without styles too
    what = tag("div", tag("h3", item.title), note(item.reason), cls="what")
    says = tag("div", tag("span", item.source), tag("span", strength), cls="says")
    return tag("div", tag("div", chip(item.level, item.word)), what, says, cls="action")


def lines(fact: Text, qualifier: Text = "") -> Html:
    """A table cell of two lines: the fact, then its qualifier in muted type."""
    return join(tag("b", fact), tag("span", qualifier, cls="qualifier") if qualifier else NOTHING)


def table(label: str, columns: Sequence[Column], rows: Sequence[Sequence[Text]], stack: bool = True) -> Html:
    """A short table to read, with ``label`` as its name for a screen reader.

    On a phone ``stack`` turns each row into a block of label and value; otherwise the table scrolls inside itself.

    Raises
    ------
    InputError : a row that has not one cell for each column
    """
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise InputError(f"table '{label}', row {number}: {len(row)} cells for {len(columns)} columns")
    widths = tag("colgroup", *(Html(f'<col style="width:{c.width:g}%">' if c.width else "<col>") for c in columns))
    head = tag("thead", tag("tr", *(tag("th", c.name, scope="col", cls=_side(c)) for c in columns)))
    body = tag("tbody", *(tag("tr", *(_cell(c, x) for c, x in zip(columns, row, strict=True))) for row in rows))
    grid = tag("table", widths, head, body, cls="read stack" if stack else "read", aria_label=label)
    return grid if stack else tag("div", grid, cls="sideways", role="region", tabindex="0", aria_label=label)


def _cell(column: Column, content: Text) -> Html:
    return tag("td", tag("div", content), data_label=column.name, cls=_side(column))


def _side(column: Column) -> str:
    return "number" if column.align == "right" else ""


def steps(names: Sequence[str], current: int) -> Html:
    """Where a task of several steps stands: ``current`` counts from 0, those before it are done."""
    return tag("ol", *(_step(i, name, current) for i, name in enumerate(names)), cls="steps")


def _step(index: int, name: str, current: int) -> Html:
    if index < current:
        return tag("li", icon("check_circle"), tag("span", name), tag("span", " (done)", cls="unseen"), cls="done")
    now = index == current
    return tag("li", f"{index + 1}. {name}", cls="now" if now else "", aria_current="step" if now else "")


def state(word: str, explanation: Text, instead: str = "") -> Html:
    """Why something is absent: the state's chip, then its sentence.

    ``instead`` stands where the number would be ("Not estimated"), in the size of a page title.

    Raises
    ------
    InputError : the word is not in the vocabulary of states
    """
    replacement = tag("p", instead, cls="instead") if instead else NOTHING
    return tag("div", chip(level_of(word), word), replacement, sentence(explanation), cls="state")


def remark(word: str, explanation: Text) -> Html:
    """A state in passing, on one line: chip and small text ('Missing  Lipoprotein(a), alcohol')."""
    return tag("p", chip(level_of(word), word), " ", explanation, cls="note remark")


def estimate(number: str, meaning: Text, spread: str) -> Html:
    """The one large number of a page, what it means in people, and its range or why it has none."""
    return tag("div", tag("p", tag("b", number), " ", tag("span", meaning)), note(spread), cls="estimate")


def figure(number: str, meaning: Text, spread: str = "") -> Html:
    """A key figure of a card, what it counts, and its range or why it has none."""
    line = tag("p", tag("b", number, cls="figure"), " ", tag("span", meaning))
    return tag("div", line, note(spread) if spread else NOTHING)
