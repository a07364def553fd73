"""What each process counts and times. What the database can tell is in ``services/vital_signs``.

Labels take words of ours only (gateways, operations, reasons, route patterns), never what somebody
sent: the number of series is bounded, and a test holds it to that.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY: Final = CollectorRegistry()

HTTP_SECONDS: Final = Histogram(
    "lunas_http_request_seconds",
    "Time from the first byte of a request to the last of its answer.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
FOREIGN_HOSTS: Final = Counter(
    "lunas_foreign_hosts",
    "Requests that were refused because they named another host than ours.",
    registry=REGISTRY,
)
NOTIFICATIONS: Final = Counter(
    "lunas_notifications",
    "Deliveries of gateways, by what became of them.",
    ("gateway", "result", "verdict"),
    registry=REGISTRY,
)
DECISIONS: Final = Counter(
    "lunas_decisions",
    "Observations that were applied to orders, by the reason of the decision.",
    ("source", "why"),
    registry=REGISTRY,
)
GATEWAY_SECONDS: Final = Histogram(
    "lunas_gateway_call_seconds",
    "Time that calls to a gateway took, whatever came of them.",
    ("gateway", "operation"),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 60),
    registry=REGISTRY,
)
GATEWAY_ERRORS: Final = Counter(
    "lunas_gateway_errors",
    "Calls to a gateway that gave no wished answer, by kind of failure.",
    ("gateway", "operation", "kind"),
    registry=REGISTRY,
)
JOB_RUNS: Final = Counter(
    "lunas_job_runs",
    "Runs of jobs, by whether the job itself broke off or was missed.",
    ("job", "result"),
    registry=REGISTRY,
)
JOB_ROWS: Final = Counter(
    "lunas_job_rows",
    "Rows that jobs worked on, by what came of them.",
    ("job", "result"),
    registry=REGISTRY,
)
JOB_SECONDS: Final = Histogram(
    "lunas_job_run_seconds",
    "Time that a run of a job took.",
    ("job",),
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300),
    registry=REGISTRY,
)
