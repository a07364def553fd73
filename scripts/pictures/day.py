"""The day of the pictures: orders and refunds in every state, and what staff did about them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import requests
from sqlalchemy import select

from app.core.bulk import BulkKind, BulkState
from app.core.observations import Source
from app.core.reasons import Why
from app.core.refund_reasons import RefundReason
from app.core.states import GatewayName, PaymentStatus, RefundState
from app.core.transfers import BankAccount
from app.db.models import BulkRun, Notification
from app.services.attention import claim_call
from app.services.bulk import NewRun, Submission, draft_run, submit_run
from app.services.cancelling import cancel_order
from app.services.notes import NoteForm, add_note
from app.services.reapply import Chosen, begin_reapply, look_further
from app.services.refunds import mark_transferred, reject_refund, withdraw_refund
from app.services.restocking import restock_refund
from app.services.status import check_status
from scripts.pictures.staging import Placed, Purchase, Stage, Wish

_XENDIT: Final = GatewayName.XENDIT
_ACCOUNT: Final = BankAccount("BCA", "8210345671", "Hendra Gunawan")
_OTHER_ACCOUNT: Final = BankAccount("Mandiri", "1370012345678", "Fitri Handayani")
_FORGED: Final = {
    "order_id": "LN-261123-XXXXXX-1",
    "status_code": "200",
    "gross_amount": "1250000.00",
    "signature_key": "00",
    "transaction_status": "settlement",
    "transaction_id": "5b1d4f0e-7a52-4f2e-9c57-0d5a3ab0c001",
}

Until = Callable[[Callable[[], bool]], None]


@dataclass(frozen=True, slots=True)
class Day:
    """What the pictures show, by what is to be seen there."""

    waiting: Placed
    refundable: Placed
    partly: Placed
    by_hand: Placed
    attention: Placed
    refunds: dict[str, int]
    runs: dict[str, int]
    forged_id: int
    genuine_id: int
    failed_check_id: int


class Storyteller:
    """Plays one day in a running shop; ``until`` waits until something holds."""

    def __init__(self, stage: Stage, shop_url: str, until: Until) -> None:
        self._stage = stage
        self._shop_url = shop_url
        self._until = until

    def play(self) -> Day:
        """Play the whole day and return where to look."""
        # What waits for a gateway that stays silent comes last: until then all goes its way.
        runs = self._bulk_runs()
        waiting = self._unpaid()
        self._paid()
        called = self._calls()
        partly = self._partly_refunded()
        by_hand, refunds = self._refunds()
        refundable = self._bought("Made Wirawan", {"SAMBAL-ROA-200": 3}, "qris")
        self._messages()
        runs["again"] = self._asked_again()
        failed_check = self._silent_check(refundable)
        forged, genuine = (self._notification(why) for why in (Why.BAD_SIGNATURE, Why.SHOPPER_PAID))
        refunds["unknown"] = self._unknown()
        return Day(
            waiting=waiting,
            refundable=refundable,
            partly=partly,
            by_hand=by_hand,
            attention=called,
            refunds=refunds,
            runs=runs,
            forged_id=forged,
            genuine_id=genuine,
            failed_check_id=failed_check,
        )

    def _bought(
        self,
        name: str,
        items: dict[str, int],
        method: str,
        gateway: GatewayName = GatewayName.MIDTRANS,
    ) -> Placed:
        order = self._stage.place(Purchase(name, items, gateway))
        self._stage.act(order, "pay", method)
        self._expect(order, PaymentStatus.PAID)
        return order

    def _expect(self, order: Placed, status: PaymentStatus) -> None:
        self._stage.sandbox.flush()
        check_status(self._stage.desk, order.id, source=Source.JOB)
        self._until(lambda: self._stage.order(order).payment_status is status)

    def _unpaid(self) -> Placed:
        stage = self._stage
        stage.place(Purchase("Siti Rahma", {"TEH-MELATI-100": 2}, _XENDIT))
        held = stage.place(Purchase("Yohanes Tan", {"TALENAN-JATI": 1}))
        stage.act(held, "challenge")
        self._expect(held, PaymentStatus.IN_REVIEW)
        expired = stage.place(Purchase("Fitri Handayani", {"GULA-AREN-500": 5}))
        stage.act(expired, "pay", "bni_va", outcome="pending")
        stage.act(expired, "expire")
        self._expect(expired, PaymentStatus.EXPIRED)
        unwanted = stage.place(Purchase("Lestari Putri", {"CANGKIR-KERAMIK": 1}))
        cancel_order(
            stage.desk,
            unwanted.id,
            staff_id=stage.staff_id("sari"),
            reason="Pelanggan memesan dua kali",
        )
        waiting = stage.place(Purchase("Ratna Kusuma", {"KOPI-GAYO-250": 2, "TEH-MELATI-100": 1}))
        stage.act(waiting, "pay", "bca_va", outcome="pending")
        stage.sandbox.flush()
        check_status(stage.desk, waiting.id, source=Source.JOB)
        return waiting

    def _paid(self) -> None:
        self._bought("Andi Pratama", {"SELENDANG-IKAT": 1, "TAS-PANDAN": 1}, "qris")
        self._bought("Bagus Nugroho", {"CANGKIR-KERAMIK": 2}, "DANA", _XENDIT)
        self._bought("Nur Aisyah", {"KOPI-GAYO-250": 1}, "QRIS", _XENDIT)
        self._bought("Wayan Sudarma", {"TAS-PANDAN": 1}, "credit_card")

    def _calls(self) -> Placed:
        stage = self._stage
        late = stage.place(Purchase("Maria Simanjuntak", {"SAMBAL-ROA-200": 2}))
        stage.act(late, "pay", "bca_va", outcome="pending")
        stage.act(late, "expire")
        self._expect(late, PaymentStatus.EXPIRED)
        stage.act(late, "pay", late="1")
        self._expect(late, PaymentStatus.PAID)
        taken_back = self._bought("Teguh Saputra", {"TALENAN-JATI": 1}, "permata_va")
        stage.act(taken_back, "reverse")
        stage.sandbox.flush()
        check_status(stage.desk, taken_back.id, source=Source.JOB)
        disputed = self._bought("Rizky Maulana", {"SELENDANG-IKAT": 1}, "credit_card")
        stage.act(disputed, "settle")
        stage.act(disputed, "chargeback")
        self._expect(disputed, PaymentStatus.CHARGED_BACK)
        refused = self._bought("Dian Permata", {"CANGKIR-KERAMIK": 1}, "gopay")
        stage.sandbox.set_faults([_fault(refused, "refund*", "refuse", code="414")])
        stage.refund(refused, Wish("budi", RefundReason.DAMAGED, "Gagang patah"))
        stage.sandbox.set_faults([])
        call = stage.call_of(disputed)
        if call is not None:
            claim_call(stage.desk, call, staff_id=stage.staff_id("sari"))
        return late

    def _partly_refunded(self) -> Placed:
        stage = self._stage
        order = self._bought("Ayu Lestari", {"KOPI-GAYO-250": 2}, "gopay")
        note = "Satu bungkus sobek, foto ada di e-mail. @dewi mohon dicek sebelum dikirim ulang."
        form = NoteForm(order.id, stage.staff_id("budi"), note, secrets.token_hex(8))
        add_note(stage.desk, form)
        wish = Wish("budi", RefundReason.DAMAGED, "Satu bungkus sobek", amount_idr=98_000)
        stage.refund(order, wish)
        self._expect(order, PaymentStatus.PARTIALLY_REFUNDED)
        note = f"Sudah dikirim ulang satu bungkus untuk {order.number}. @sari kabari pelanggan ya."
        form = NoteForm(order.id, stage.staff_id("dewi"), note, secrets.token_hex(8))
        add_note(stage.desk, form)
        return order

    def _refunds(self) -> tuple[Placed, dict[str, int]]:
        stage = self._stage
        large = self._bought("Ratna Kusuma", {"BATIK-LASEM": 1}, "gopay")
        asked = stage.refund(large, Wish("budi", RefundReason.GOODS_RETURNED, "Salah ukuran"))
        second = self._bought("Nur Aisyah", {"BATIK-LASEM": 1}, "gopay")
        turned_down = stage.refund(second, Wish("budi", RefundReason.FRAUD, "Diduga penipuan"))
        reject_refund(
            stage.desk,
            turned_down.refund_id,
            staff_id=stage.staff_id("agus"),
            reason="Tidak ada tanda penipuan; barang sudah dikirim",
        )
        withdrawn = stage.refund(second, Wish("budi", RefundReason.OTHER, "Pelanggan memastikan"))
        withdraw_refund(
            stage.desk,
            withdrawn.refund_id,
            staff_id=stage.staff_id("budi"),
            reason="Pelanggan tetap menginginkan barangnya",
        )
        whole = self._bought("Lestari Putri", {"CANGKIR-KERAMIK": 1}, "qris")
        done = stage.refund(whole, Wish("dewi", RefundReason.DAMAGED, "Retak"))
        self._expect(whole, PaymentStatus.REFUNDED)
        restock_refund(stage.desk, done.refund_id, staff_id=stage.staff_id("dewi"))
        by_hand, transfers = self._transfers()
        return by_hand, {"asked": asked.refund_id, "done": done.refund_id, **transfers}

    def _transfers(self) -> tuple[Placed, dict[str, int]]:
        stage = self._stage
        first = self._bought("Hendra Gunawan", {"TAS-PANDAN": 1}, "bca_va")
        waiting = stage.refund(
            first, Wish("budi", RefundReason.NOT_RECEIVED, "Paket hilang", bank=_ACCOUNT)
        )
        second = self._bought("Fitri Handayani", {"GULA-AREN-500": 2}, "bni_va")
        paid = stage.refund(
            second, Wish("budi", RefundReason.SOLD_OUT, "Stok habis", bank=_OTHER_ACCOUNT)
        )
        mark_transferred(
            stage.desk,
            paid.refund_id,
            staff_id=stage.staff_id("dewi"),
            proof="BCA ke Mandiri, ref 20261123-0417",
        )
        third = self._bought("Made Wirawan", {"GULA-AREN-500": 1}, "bni_va")
        return third, {"transfer": waiting.refund_id, "transferred": paid.refund_id}

    def _unknown(self) -> int:
        stage = self._stage
        order = self._bought("Dian Permata", {"KERIPIK-TEMPE-150": 3}, "gopay")
        stage.sandbox.set_notifications(midtrans=False)
        lost = _fault(order, "refund*", "timeout_after_success", seconds=4)
        stage.sandbox.set_faults([lost, _fault(order, "status", "html_502")])
        asked = stage.refund(order, Wish("budi", RefundReason.WRONG_GOODS, "Salah rasa"))
        self._until(lambda: stage.refund_state(asked.refund_id) is RefundState.UNKNOWN)
        # The rest of the shop goes on; only the status of this order stays lost.
        stage.sandbox.set_notifications(midtrans=True)
        return asked.refund_id

    def _bulk_runs(self) -> dict[str, int]:
        teas = [self._bought(name, {"TEH-MELATI-100": 1}, "gopay") for name in _TEA_DRINKERS]
        teas.append(self._bought("Bagus Nugroho", {"TEH-MELATI-100": 2}, "bca_va"))
        scarves = [self._bought(name, {"SELENDANG-IKAT": 1}, "gopay") for name in _TEA_DRINKERS[:3]]
        runs = {
            "checked": self._run(BulkKind.CHECK, teas, submit=True),
            "done": self._run(BulkKind.REFUND, teas, submit=True),
        }
        self._until(lambda: {self._run_state(run) for run in runs.values()} == {BulkState.DONE})
        runs["asked"] = self._run(BulkKind.REFUND, scarves, submit=True)
        runs["draft"] = self._run(BulkKind.REFUND, [*scarves[:2], teas[-1]], submit=False)
        return runs

    def _run(self, kind: BulkKind, orders: list[Placed], *, submit: bool) -> int:
        desk, staff = self._stage.desk, self._stage.staff_id("budi")
        new = NewRun(secrets.token_hex(8), kind, [order.id for order in orders], "", staff)
        run_id = draft_run(desk, new)
        if submit:
            with desk.reads() as session:
                total = session.get_one(BulkRun, run_id).sum_idr
            form = Submission(
                RefundReason.DAMAGED, "Batch kedaluwarsa", "Tiket 4711", 3, total, staff
            )
            submit_run(desk, run_id, form)
        return run_id

    def _run_state(self, run_id: int) -> BulkState:
        with self._stage.desk.reads() as session:
            return session.get_one(BulkRun, run_id).state

    def _messages(self) -> None:
        with requests.Session() as http:
            http.trust_env = False
            address = f"{self._shop_url}/api/payments/notification"
            http.post(address, json=_FORGED, timeout=30)
        self._stage.sandbox.flush()

    def _asked_again(self) -> int:
        desk = self._stage.desk
        query = select(Notification.attempt_id).where(Notification.attempt_id.is_not(None))
        with desk.reads() as session:
            found = sorted({int(one) for one in session.scalars(query) if one})[-6:]
        chosen = Chosen("gateway=midtrans", len(found), 0, found)
        run_id = begin_reapply(desk, chosen, staff_id=self._stage.staff_id("dewi"))
        look_further(desk, run_id)
        return run_id

    def _silent_check(self, order: Placed) -> int:
        stage = self._stage
        stage.sandbox.set_faults([_fault(order, "status", "html_502")])
        report = check_status(
            stage.desk, order.id, source=Source.STATUS_CHECK, staff_id=stage.staff_id("sari")
        )
        stage.sandbox.set_faults([])
        return report.check_ids[0]

    def _notification(self, verdict: Why) -> int:
        query = select(Notification.id).where(Notification.verdict == verdict.value)
        with self._stage.desk.reads() as session:
            return session.scalars(query.order_by(Notification.id.desc()).limit(1)).one()


_TEA_DRINKERS: Final = (
    *("Hendra Gunawan", "Wayan Sudarma", "Siti Rahma"),
    *("Andi Pratama", "Maria Simanjuntak", "Yohanes Tan"),
)


def _fault(order: Placed, call: str, effect: str, **more: object) -> dict[str, object]:
    match = {"operation": f"midtrans.{call}", "order": order.reference}
    return {"match": match, "effect": effect, **more}
