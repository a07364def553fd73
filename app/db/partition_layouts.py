"""Which tables may be partitioned, by what, and what stands in for a foreign key that cannot stay.

PostgreSQL wants the partition key in every unique key, so the identity of a partitioned table is
(id, key). Whatever referred to its id alone has to be held by other means: docs/adr/0023.
"""

from dataclasses import dataclass
from typing import Final

_KEEP_NOTIFICATIONS: Final = """CREATE OR REPLACE FUNCTION refuse_removal() RETURNS trigger
LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'rows of % come and go by whole months', TG_TABLE_NAME
  USING ERRCODE = 'integrity_constraint_violation';
END $$"""
# An observation is nearly always about what came a moment ago: one or two parts are looked at, and
# all of them only if it is not there.
_REQUIRE_NOTIFICATION: Final = """CREATE OR REPLACE FUNCTION require_notification() RETURNS trigger
LANGUAGE plpgsql AS $$ BEGIN
  PERFORM 1 FROM notifications WHERE id = NEW.notification_id
    AND received_at > NEW.recorded_at - interval '1 day'
    AND received_at < NEW.recorded_at + interval '1 day';
  IF FOUND THEN RETURN NULL; END IF;
  PERFORM 1 FROM notifications WHERE id = NEW.notification_id;
  IF FOUND THEN RETURN NULL; END IF;
  RAISE EXCEPTION 'there is no notification %', NEW.notification_id
  USING ERRCODE = 'foreign_key_violation';
END $$"""


@dataclass(frozen=True, slots=True)
class Layout:
    """How one table is partitioned.

    ``by_month``: by the time in ``key``; otherwise by ranges of the order's id in ``key``.
    ``referring``, ``reference``: the one foreign key that points at the table's id, which goes.
    ``functions``: what triggers of ours call, made first. ``instead``: statements that put
    something in the foreign key's place, and guard the table, once swapped.
    ``refusal``: the function that refuses to empty a part: such triggers are not inherited.
    """

    table: str
    key: str
    by_month: bool
    referring: str
    reference: str
    functions: tuple[str, ...]
    instead: tuple[str, ...]
    refusal: str

    @property
    def identity(self) -> str:
        """The index over (id, key) that becomes the first part's primary key."""
        return f"uq_{self.table}_id_{self.key}"


NOTIFICATIONS: Final = Layout(
    table="notifications",
    key="received_at",
    by_month=True,
    referring="observations",
    reference="fk_observations_notification_id_notifications",
    functions=(_REQUIRE_NOTIFICATION, _KEEP_NOTIFICATIONS),
    instead=(
        """CREATE TRIGGER observations_of_notification AFTER INSERT ON observations FOR EACH ROW
  WHEN (NEW.notification_id IS NOT NULL) EXECUTE FUNCTION require_notification()""",
        """CREATE TRIGGER notifications_stay BEFORE DELETE OR UPDATE OF id, received_at
  ON notifications FOR EACH ROW EXECUTE FUNCTION refuse_removal()""",
        """CREATE TRIGGER notifications_no_truncate BEFORE TRUNCATE ON notifications
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal()""",
    ),
    refusal="refuse_removal",
)
ORDER_EVENTS: Final = Layout(
    table="order_events",
    key="order_id",
    by_month=False,
    referring="ledger_entries",
    reference="fk_ledger_entries_event_id_order_events",
    functions=(),
    instead=(
        # Not valid: looking at the rows that are there is done later, while everybody works.
        """ALTER TABLE ledger_entries ADD CONSTRAINT fk_ledger_entries_event_id_order_events
  FOREIGN KEY (event_id, order_id) REFERENCES order_events (id, order_id) NOT VALID""",
    ),
    refusal="refuse_change",
)
LAYOUTS: Final = {layout.table: layout for layout in (NOTIFICATIONS, ORDER_EVENTS)}
