"""The figures of a bench."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A measured ratio and the goal that it is held against; `better` is how ratio and goal compare."""

    name: str
    ratio: float
    goal: float
    better: str
    detail: str

    @property
    def is_met(self) -> bool:
        return self.ratio >= self.goal if self.better == "≥" else self.ratio <= self.goal
