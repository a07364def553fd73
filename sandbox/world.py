"""The whole sandbox without HTTP: engine, deliveries and both gateways."""

from sandbox.courier import Carries, Courier
from sandbox.deliveries import Deliveries
from sandbox.engine import Engine
from sandbox.midtrans import notifications as midtrans_notifications
from sandbox.midtrans.gateway import Midtrans
from sandbox.records import UnreadableRecordError
from sandbox.settings import Settings
from sandbox.store import StateFileError
from sandbox.xendit import callbacks as xendit_callbacks
from sandbox.xendit.gateway import Xendit


class World:
    """Everything that one run of the sandbox consists of."""

    def __init__(self, settings: Settings, courier: Carries | None = None) -> None:
        """Build it from the settings; StateFileError when the file is unusable.

        ``courier`` carries the notifications; None sends them over HTTP, by threads of its own.
        """
        self.settings = settings
        self.engine = Engine(settings)
        try:
            self._load(courier or Courier())
        except UnreadableRecordError as error:
            message = (
                f"{settings.state_file} was written by another version of the sandbox "
                f"({error}); delete it or choose another file with --state"
            )
            raise StateFileError(message) from error

    def _load(self, courier: Carries) -> None:
        self.deliveries = Deliveries(
            self.engine,
            {
                midtrans_notifications.GATEWAY: midtrans_notifications.carrier(
                    self.engine.ids, has_jitter=self.settings.midtrans_jitter
                ),
                xendit_callbacks.GATEWAY: xendit_callbacks.CARRIER,
            },
            courier,
        )
        self.midtrans = Midtrans(self.engine, self.deliveries)
        self.xendit = Xendit(self.engine, self.deliveries)

    def start(self) -> None:
        """Let time pass."""
        self.engine.start()

    def stop(self) -> None:
        """End quickly; what was acknowledged is on disk."""
        self.engine.stopping.set()
        self.deliveries.stop()
        self.engine.stop()

    def reset(self, *, rewind: bool = False) -> None:
        """Forget every payment, delivery and fault rule; keep settings and ids.

        The clock goes on, or back to where it began with ``rewind``.
        """
        with self.engine.change():
            if rewind:
                self.engine.clock.rewind()
            self.engine.timers.clear()
            self.engine.faults.clear()
            self.engine.forget()
            self.deliveries.clear()
            self.midtrans.book.clear()
            self.xendit.book.clear()

    def flush(self, timeout_s: float) -> bool:
        """Deliver everything that is due now; False when ``timeout_s`` was too short."""
        self.engine.run_due()
        return self.deliveries.wait_idle(timeout_s)
