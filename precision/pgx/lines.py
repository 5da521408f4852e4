"""Calls as JSON lines: one object per sample and gene, for programs that read on."""

from __future__ import annotations

import json
from collections.abc import Iterator

from precision.pgx.calls import Calls
from precision.pgx.result import Alternative, Call, Position

Value = str | float | int | list[str] | list[dict[str, str]] | dict[str, str] | None


def json_lines(calls: Calls) -> Iterator[str]:
    """Every gene of every sample, in the order of the file, genes by name."""
    for index in range(len(calls.samples)):
        for gene in calls.genes:
            yield json.dumps(_said(calls, calls.at(index, gene)), ensure_ascii=False)


def _said(calls: Calls, call: Call) -> dict[str, Value]:
    return {
        "file": calls.file,
        "sample": call.sample,
        "gene": call.gene,
        "build": calls.build,
        "origin": call.origin,
        "diplotypes": [diplotype.name for diplotype in call.diplotypes if diplotype.name],
        "phenotype": call.phenotype or None,
        "activity_score": _score(call.activity_score),
        "status": call.status,
        "reasons": list(call.reasons),
        "interpretations": [
            {"body": one.body, "phenotype": one.phenotype, "activity_score": one.activity_score}
            for one in call.interpretations
        ],
        "positions_called": call.positions_called,
        "positions_missing": _places(call.positions_missing),
        "positions_discarded": _places(call.positions_discarded),
        "also_fits": [_alternative(one) for one in call.alternatives if not one.reported],
        "alleles_not_excluded": list(call.alleles_not_excluded),
        "presence": dict(call.presence),
        "update_pending": call.update_pending or None,
    }


def _alternative(one: Alternative) -> dict[str, str]:
    """A pair that fits too: its phenotype, and how probable it is among all that fit, over the ancestry groups."""
    shares = one.probability.values()
    spread = f"{min(shares):.3g}..{max(shares):.3g}" if shares else ""
    return {"diplotype": one.diplotype.name, "phenotype": one.diplotype.phenotype, "probability": spread}


def _places(positions: tuple[Position, ...]) -> list[str]:
    """'rs4244285 GRCh38:10:94781859: absent'."""
    return [f"{one.name} {one.place}: {one.why}" for one in positions]


def _score(text: str) -> float | str | None:
    """A number where it is one, else as it is said ('≥4.0', 'n/a'), nothing where there is none."""
    try:
        return float(text)
    except ValueError:
        return text or None
