"""When keys are asked for, and when a frame counter has fallen: the decision alone, message by message."""

from custom_components.han_port.cipher_watch import CLOSED, FALLEN, CipherWatch


class Line:
    """A line on which messages come one by one."""

    def __init__(self) -> None:
        self.watch = CipherWatch()
        self.asked = 0
        self._closed = self._replayed = 0

    def has_fallen(self) -> bool:
        """Return whether the frame counter has fallen."""
        return self.watch.has_fallen

    def bring(self, *, closed: int = 0, replayed: int = 0, lists: int = 0) -> None:
        """Bring so many messages that no key opens, replayed ones, and lists, in this order."""
        for _ in range(closed):
            self._closed += 1
            self._look(listed=False)
        for _ in range(replayed):
            self._replayed += 1
            self._look(listed=False)
        for _ in range(lists):
            self._look(listed=True)

    def _look(self, *, listed: bool) -> None:
        self.asked += self.watch.look(self._closed, self._replayed, listed=listed)


def test_three_in_a_row_and_it_asks_once() -> None:
    line = Line()
    line.bring(closed=CLOSED - 1)
    assert line.asked == 0
    line.bring(closed=1)
    assert line.asked == 1
    line.bring(closed=100)
    assert line.asked == 1


def test_it_asks_again_when_lists_had_come() -> None:
    line = Line()
    line.bring(closed=5, lists=1)
    line.bring(closed=CLOSED - 1)
    assert line.asked == 1
    line.bring(closed=1)
    assert line.asked == 2


def test_lists_between_them_are_as_it_should_be() -> None:
    line = Line()
    for _ in range(50):
        line.bring(closed=CLOSED - 1, replayed=FALLEN - 1, lists=1)
    assert line.asked == 0
    assert not line.has_fallen()


def test_several_messages_at_once() -> None:
    watch = CipherWatch()
    assert watch.look(CLOSED, 0, listed=False)
    watch = CipherWatch()
    assert not watch.look(CLOSED, 0, listed=True)


def test_a_counter_that_stays_below() -> None:
    line = Line()
    line.bring(replayed=FALLEN - 1)
    assert not line.has_fallen()
    line.bring(replayed=1)
    assert line.has_fallen()
    line.bring(replayed=100)
    assert line.has_fallen()
    assert line.asked == 0
    line.bring(lists=1)
    assert not line.has_fallen()


def test_a_counter_that_was_forgotten() -> None:
    line = Line()
    line.bring(replayed=FALLEN)
    line.watch.forget()
    assert not line.has_fallen()
    line.bring(replayed=FALLEN - 1)
    assert not line.has_fallen()
    line.bring(replayed=1)
    assert line.has_fallen()
