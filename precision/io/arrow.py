"""Arrays of text: the few things that reading does with many cells at once."""
# pyright: reportUnknownParameterType=false, reportMissingParameterType=false, reportAttributeAccessIssue=false
# pyarrow publishes no types and makes its functions at run time; nothing of it leaves this module but through Texts.

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

TYPE = pa.large_string()
Mask = NDArray[np.bool_]
Codes = NDArray[np.int8] | NDArray[np.int16] | NDArray[np.int32] | NDArray[np.int64]
Floats = NDArray[np.float64]
USUAL_POOL = pa.default_memory_pool()
PIECE = 32_768  # texts made Python objects at a time


@contextmanager
def frugal() -> Generator[None]:
    """Give memory back as soon as it is free; the usual pool keeps twice what a million rows need."""
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(USUAL_POOL)


def give_back() -> None:
    """Return to the system what was freed."""
    pa.default_memory_pool().release_unused()


class Texts:
    """N texts, none missing."""

    __slots__ = ("array",)

    def __init__(self, array: pa.LargeStringArray) -> None:
        self.array = array

    @classmethod
    def of(cls, items: Iterable[str]) -> Self:
        """The texts of an iterable; UnicodeEncodeError where one is none."""
        return cls(pa.array(items if isinstance(items, Sequence) else list(items), TYPE))

    @classmethod
    def numbered(cls, prefix: str, numbers: NDArray[np.int64]) -> Self:
        """A text for each number: row-2, row-3."""
        return cls(
            pc.binary_join_element_wise(pa.scalar(prefix, TYPE), pa.array(numbers).cast(TYPE), pa.scalar("-", TYPE))
        )

    def __len__(self) -> int:
        return len(self.array)

    def stripped(self) -> Self:
        """Without space around them; the same texts where none has any."""
        bare = pc.utf8_trim_whitespace(self.array)
        return self if bare.nbytes == self.array.nbytes else type(self)(bare)

    def replaced(self, old: str, new: str) -> Self:
        return type(self)(pc.replace_substring(self.array, old, new))

    def blank(self) -> Mask:
        """(N,) where a text is empty."""
        return _mask(pc.equal(pc.binary_length(self.array), 0))

    def matches(self, shape: str, ignore_case: bool = False) -> Mask:
        """(N,) where a regular expression is found."""
        return _mask(pc.match_substring_regex(self.array, shape, ignore_case=ignore_case))

    def contains(self, part: str) -> Mask:
        return _mask(pc.match_substring(self.array, part))

    def take(self, positions: Codes) -> Self:
        return type(self)(self.array.take(pa.array(positions)))

    def where(self, chosen: Mask) -> Self:
        return type(self)(self.array.filter(pa.array(chosen)))

    def head(self, count: int) -> Self:
        return type(self)(self.array.slice(0, count))

    def list(self) -> list[str]:
        return [str(text) for text in self.array.to_pylist()]

    def numbers(self) -> Floats:
        """The texts, each of which is a plain number, as numbers."""
        return self.array.cast(pa.float64()).to_numpy()

    def hashes(self) -> NDArray[np.uint64]:
        """(N,) fingerprints; different texts have different ones but for a chance of 1 in 10**19."""
        pieces = (self.array.slice(start, PIECE) for start in range(0, len(self), PIECE))
        marks = [pd.util.hash_array(piece.to_numpy(zero_copy_only=False), categorize=False) for piece in pieces]
        return np.concatenate([np.empty(0, dtype=np.uint64), *marks])

    def all_different(self) -> bool:
        """Whether no text stands twice; no more memory than 16 bytes a text is taken."""
        marks = np.sort(self.hashes())
        return not bool((marks[1:] == marks[:-1]).any())

    def series(self) -> pd.Series[str]:
        """As a pandas column, with empty texts as they are."""
        return _series(self.array)

    def known(self) -> pd.Series[str]:
        """As a pandas column, with empty texts as missing."""
        return _series(pc.if_else(pc.equal(pc.binary_length(self.array), 0), None, self.array))


def cut(block: bytes, separator: str, width: int) -> list[Texts] | None:
    """The columns of lines that hold no quotation mark; None where it is not certain that they can be cut so.

    block : whole lines in UTF-8, each of them a row of `width` cells
    """
    names = [str(i) for i in range(width)]
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(block),
            pa_csv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=names),
            pa_csv.ParseOptions(delimiter=separator, quote_char=False, ignore_empty_lines=False),
            pa_csv.ConvertOptions(column_types=dict.fromkeys(names, TYPE), strings_can_be_null=False),
        )
    except pa.ArrowInvalid:  # not UTF-8, or rows of other widths: they are read one by one
        return None
    return [Texts(column.combine_chunks()) for column in table.columns]


class Gatherer:
    """A column as it comes block by block; each distinct text of a block is kept once."""

    __slots__ = ("blocks",)

    def __init__(self) -> None:
        self.blocks: list[tuple[Texts, Codes | None]] = []

    def add(self, texts: Texts) -> None:
        """Take a block; where most of its texts are different they are kept as they are."""
        coded = texts.array.dictionary_encode()
        if 2 * len(coded.dictionary) > len(texts):
            self.blocks.append((Texts(pa.concat_arrays([texts.array, pa.array([], TYPE)])), None))
        else:
            self.blocks.append((Texts(coded.dictionary), _narrow(_numpy(coded.indices), len(coded.dictionary))))

    def finish(self) -> tuple[Texts, Codes | None]:
        """The distinct texts and each row's number of its own; all N texts and None where most are different."""
        blocks, self.blocks = self.blocks, []
        rows = sum(len(texts if codes is None else codes) for texts, codes in blocks)
        every = pa.concat_arrays([pa.array([], TYPE), *(texts.array for texts, _ in blocks)])
        if all(codes is None for _, codes in blocks):
            return Texts(every), None
        joined = every.dictionary_encode()
        ours = _narrow(_numpy(joined.indices), len(joined.dictionary))
        whole: Codes = np.empty(rows, dtype=ours.dtype)  # type: ignore[assignment]  # one of the four, as ours is
        row = first = 0
        for texts, codes in blocks:
            own = ours[first : first + len(texts)]
            end = row + len(texts if codes is None else codes)
            whole[row:end] = own if codes is None else own[codes]
            row, first = end, first + len(texts)
        return Texts(joined.dictionary), whole


def from_arrow(column: pa.Array) -> Texts:
    """A column of any plain type as a person would have typed it; missing values are empty."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return Texts.of([bytes(value or b"").decode("utf-8", "replace") for value in column.to_pylist()])
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    return Texts(pc.fill_null(column.cast(TYPE), pa.scalar("", TYPE)))


def coded(codes: Codes, words: Sequence[str]) -> pd.Categorical[str]:
    """Words by their number, each kept once."""
    dtype = pd.CategoricalDtype(pd.Index(list(words)))
    return pd.Categorical.from_codes(codes, dtype=dtype)  # type: ignore[return-value]  # stubs: from_codes answers int


def repeated(word: str, count: int) -> pd.Categorical[str]:
    """The same word count times."""
    return coded(np.zeros(count, dtype=np.int8), [word])


def _series(array: pa.LargeStringArray) -> pd.Series[str]:
    return pd.Series(pd.array(array, dtype="str"))


def _mask(array: pa.BooleanArray) -> Mask:
    return array.to_numpy(zero_copy_only=False)


def _numpy(array: pa.Int32Array) -> NDArray[np.int32]:
    return array.to_numpy(zero_copy_only=False)


def _narrow(codes: NDArray[np.int32], count: int) -> Codes:
    """Codes below count in the fewest bytes."""
    return codes.astype(np.min_scalar_type(-max(1, count)))
