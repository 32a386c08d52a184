"""Export between two full lists, for meters whose power lists tell of import alone.

Export comes every 10 s then. But a meter that nets its phases, as Norwegian ones do, never has both: whenever a power
list has import, export is nought. So it is known within 2 s when the house goes over from one to the other.
"""

from .integral import Integral


class Netting:
    """Adds power to the integral of export: what full lists say of it, and what power lists say by their import."""

    __slots__ = ("_active", "_exports", "_first_none", "_last_none", "_nets", "_watts")

    def __init__(self, exports: Integral) -> None:
        self._exports = exports
        self._nets = True
        self._active = False
        """Whether there has been export; most houses have none."""
        self._watts = 0.0
        """The export that was known last."""
        self._first_none = self._last_none = 0.0
        """The first and last power lists since then that had no import."""

    def import_alone(self, at: float, imported: float) -> None:
        """Take a power list: when it came, and its import in W."""
        if not self._active:
            return
        if imported > 0:
            self._end()
            self._known(at, 0.0)
        else:
            self._first_none = self._first_none or at
            self._last_none = at

    def both(self, at: float, imported: float, exported: float) -> None:
        """Take a list that has both powers (W)."""
        if imported > 0 < exported:
            self._nets = self._active = False
        elif exported == 0:
            self._end()
        else:
            if self._active and self._watts == 0 and self._first_none > 0:
                self._exports.add(self._first_none, exported)
            self._active = self._nets
        self._known(at, exported)

    def _end(self) -> None:
        """Let export have gone on until the last list that had no import."""
        if self._watts > 0 and self._last_none > 0:
            self._exports.add(self._last_none, self._watts)

    def _known(self, at: float, exported: float) -> None:
        self._exports.add(at, exported)
        self._watts = exported
        self._first_none = self._last_none = 0.0
