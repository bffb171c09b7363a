"""What the platform says of its own, as a kind of text of which every shape says where it stands."""

from typing import Annotated

from pydantic import PlainSerializer

from backend.language.spoken import said

Sentence = Annotated[str, PlainSerializer(said, return_type=str, when_used="json")]
"""What the platform says of its own: it goes over the wire in the language of whoever asks; kept, it is English."""
