"""What the reader sees when a page fails: words and a reference, never a traceback or a patient's value."""

import logging
import secrets
import traceback
from pathlib import Path

import streamlit as st

from precision.errors import InputError
from precision.ui import html
from precision.ui.chrome import body, style

LOGGER = logging.getLogger("precision.app")
FRAMEWORK_LOGGER = "streamlit.error_util"


def silence_tracebacks() -> None:
    """Keep the framework from logging an exception's message and lines, which may hold a patient's values."""
    logging.getLogger(FRAMEWORK_LOGGER).addFilter(lambda record: record.exc_info is None)


def show(error: Exception) -> bool:
    """Show a failed page in place of its content, and log its reference; True: the framework shows nothing itself.

    An InputError is the user's to mend, so its message is shown; anything else is ours and only gets a reference.
    """
    style()
    with body(), st.container(border=True, gap="xsmall", key="failure"):
        if isinstance(error, InputError):
            html.show(html.state("Refused", str(error)))
        else:
            reference = secrets.token_hex(2).upper()
            LOGGER.error("reference %s: %s in %s", reference, type(error).__name__, _origin(error))
            html.show(html.state("Failed", _sentence(reference)))
        st.button("Try again", key="try_again")
    return True


def _sentence(reference: str) -> str:
    return f"This calculation failed. Nothing was saved. Other pages still work. Reference {reference}."


def _origin(error: Exception) -> str:
    """File name and line of the deepest call, without its text."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"
