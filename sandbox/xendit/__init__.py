"""The Xendit half: invoices, hosted page, refunds, callbacks."""
