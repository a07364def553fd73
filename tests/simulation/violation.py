"""What the simulation looks for."""


class ViolationError(AssertionError):
    """Something that must always hold did not; ``rule`` is its short name, for shrinking."""

    def __init__(self, rule: str, words: str) -> None:
        super().__init__(f"{rule}: {words}")
        self.rule = rule
        self.words = words


def require(holds: bool, rule: str, words: object = "") -> None:
    if not holds:
        raise ViolationError(rule, str(words))
