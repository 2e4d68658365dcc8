"""What the simulator's pages may be asked, checked."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

MOST_SECONDS = 10 * 366 * 24 * 3600.0


class SendRequest(BaseModel):
    """A text to send: from a number (``from``) or from a phone made here (``phone_id``)."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    from_: str | None = Field(default=None, alias="from", max_length=60)
    phone_id: str | None = Field(default=None, max_length=60)
    body: str = Field(default="", max_length=1600)
    num_media: int = Field(default=0, ge=0, le=10)

    @model_validator(mode="after")
    def one_sender(self) -> SendRequest:
        """Refuse neither and both."""
        if (self.from_ is None) == (self.phone_id is None):
            raise ValueError("give either from or phone_id")
        if not self.body and not self.num_media:
            raise ValueError("the text is empty")
        return self


class NewPhone(BaseModel):
    """A phone to make; without ``number`` it gets a fictional one."""

    model_config = ConfigDict(extra="forbid")
    number: str | None = Field(default=None, max_length=60)


class ClockMove(BaseModel):
    """How to move the clock: by seconds, or to a time with its zone."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    advance_seconds: float | None = Field(default=None, ge=0, le=MOST_SECONDS, allow_inf_nan=False)
    set_: AwareDatetime | None = Field(default=None, alias="set")

    @model_validator(mode="after")
    def one_way(self) -> ClockMove:
        """Refuse neither and both."""
        if (self.advance_seconds is None) == (self.set_ is None):
            raise ValueError("give either advance_seconds or set")
        return self
