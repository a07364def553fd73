"""Lunas on ten machines that are none: network namespaces, cables between them, and faults.

``python -m tests.hosts`` builds them (`wires`), starts on each what stands there for real
(`machines`, kept running by `keeper`), lets shoppers, gateways and staff work (`shoppers`,
`messengers`, `staff`; what they were told is kept in `records`), breaks things at seeded moments
(`faults`), lets it settle (`settling`) and judges what is left by the gateways' books (`judge`).
"""
