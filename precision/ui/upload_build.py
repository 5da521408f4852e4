"""Which genome build files of genotypes are on, where they hold too few known positions to tell."""

from __future__ import annotations

import streamlit as st

from precision.io.review import BUILD_UNKNOWN, Review
from precision.knowledge.positions import BUILDS
from precision.ui import html
from precision.ui.upload_state import Upload

KEY = "upload_build"
NAMES = {"": "Not known", "GRCh37": "GRCh37 (hg19)", "GRCh38": "GRCh38 (hg38)"}
WHERE = (
    "The laboratory's report or the first lines of the file name it. Where nobody knows it, a file with more positions "
    "tells it. Bases that contradict it are refused."
)


def genome_build(upload: Upload, review: Review) -> None:
    """The choice, asked only of files that do not tell."""
    if not upload.build and BUILD_UNKNOWN not in set(review.imported.issues["code"].astype("str")):
        return
    with st.container(border=True, gap="xsmall", key="upload_build_choice"):
        st.session_state.setdefault(KEY, upload.build)
        st.selectbox(
            "Genome build of the genotypes",
            ("", *sorted(BUILDS)),
            format_func=NAMES.__getitem__,
            key=KEY,
            on_change=_named,
            args=(upload,),
            width=270,
        )
        html.show(html.note(WHERE))


def _named(upload: Upload) -> None:
    upload.build = str(st.session_state[KEY])
    upload.changed()
