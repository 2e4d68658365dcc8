"""The simulated phones: a number each, and an opaque id that may stand in an address line."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from webhooks.simulator.sealing import Sealing
from webhooks.simulator.simulator_file import SimulatorFile

NUMBER_PLACE = "simulator.number"

# Numbers NPA-555-01XX are set aside for fiction; the area codes are spread over the zones of the country.
AREA_CODES = ("202", "312", "303", "415", "212", "617", "206", "404")
OUR_NUMBERS_LAST_TWO = "00"


@dataclass(frozen=True)
class SimulatedPhone:
    """A phone that can text the bot."""

    id: str
    number: str


class PhoneBook:
    """Every phone that ever texted in the simulator, or was made there."""

    def __init__(self, file: SimulatorFile, sealing: Sealing) -> None:
        self._file = file
        self._sealing = sealing

    def of_number(self, number: str) -> SimulatedPhone:
        """The phone with this number, made when it is new."""
        number_hash = self._sealing.number_hash(number)
        with self._file.write() as db:
            db.execute(
                "INSERT INTO phone (id, number_hash, number_sealed) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (f"ph_{secrets.token_hex(6)}", number_hash, self._sealing.seal(number, NUMBER_PLACE)),
            )
            row = db.execute("SELECT id FROM phone WHERE number_hash = ?", (number_hash,)).fetchone()
        return SimulatedPhone(row["id"], number)

    def get(self, phone_id: str) -> SimulatedPhone:
        """The phone with this id. Raises ``KeyError`` when there is none."""
        with self._file.read() as db:
            row = db.execute("SELECT * FROM phone WHERE id = ?", (phone_id,)).fetchone()
        if row is None:
            raise KeyError(phone_id)
        return SimulatedPhone(row["id"], self._sealing.open(row["number_sealed"], NUMBER_PLACE))

    def all(self) -> list[SimulatedPhone]:
        """All phones, oldest first."""
        with self._file.read() as db:
            rows = db.execute("SELECT * FROM phone ORDER BY seq").fetchall()
        return [SimulatedPhone(row["id"], self._sealing.open(row["number_sealed"], NUMBER_PLACE)) for row in rows]

    def make(self, choose: Callable[[int], int] = secrets.randbelow) -> SimulatedPhone:
        """A phone with a fictional US number that no other has. Raises ``RuntimeError`` when all are taken."""
        taken = {phone.number for phone in self.all()}
        free = [number for number in _fictional_numbers() if number not in taken]
        if not free:
            raise RuntimeError("every fictional number is taken; remove simulator.db to begin anew")
        return self.of_number(free[choose(len(free))])


def _fictional_numbers() -> list[str]:
    last_two = [f"{n:02d}" for n in range(100)]
    return [f"+1{area}55501{end}" for area in AREA_CODES for end in last_two if end != OUR_NUMBERS_LAST_TWO]
