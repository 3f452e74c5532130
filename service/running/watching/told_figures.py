"""What `/metrics` tells beside the webhooks: the state of each part, and what the watch found in the database.

No label names anybody: steps, outcomes, codes of départements, names of parts, jobs and kinds. Everything is read from
the state files, so that a scrape never waits for a database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric

from service.running.watching.health import Part, State
from service.running.watching.state import age, read_state
from service.settings import Settings

PLAIN = {
    "journal_bytes": ("svi_journal_bytes", "Bytes of the journal that are not in the database yet."),
    "journal_oldest_seconds": ("svi_journal_oldest_seconds", "Age of the journal file that waits longest."),
    "disk_free_bytes": ("svi_disk_free_bytes", "Bytes that are free under VAR_DIR."),
    "disk_size_bytes": ("svi_disk_size_bytes", "Bytes of the disk of VAR_DIR."),
    "door_seconds": ("svi_door_seconds", "Seconds in which the service's own port answered the watch; 15 is too late."),
    "certificate_days": ("svi_certificate_days", "Days that the certificate of PUBLIC_URL is still good for."),
    "mails_oldest_seconds": ("svi_mails_oldest_seconds", "Age of the mail that has waited longest to leave."),
    "calls_in_progress": ("svi_calls_in_progress", "Calls that have begun and not ended, in the ledger."),
    "ledger_seconds": ("svi_ledger_seconds", "Seconds that the watch waited for its figures of the database."),
}  # fmt: skip
"""Figure of the watch → its name and sense."""

LABELLED = {
    "calls": ("svi_calls", "Calls that are over; a correction may take one away: use delta().", "outcome", "desk"),
    "legs": ("svi_legs_last_hour", "Telephones rung in the calls of the last hour, by result.", "result"),
    "mails": ("svi_mails_waiting", "Mails that wait to leave, by kind.", "kind"),
    "mails_failing": ("svi_mails_failing", "Those of them that a mail server has not taken yet, by kind.", "kind"),
}  # fmt: skip
"""Figure of the watch, a list of its labels' values and then a number → its name, its sense, its labels."""


class ToldFigures:
    """The figures as the library asks for them."""

    def __init__(self, settings: Settings, parts: Mapping[str, Part], now: datetime) -> None:
        self._folder = settings.state_dir
        self._parts = parts
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Every figure that is known."""
        jobs, clerk = read_state(self._folder, "jobs"), read_state(self._folder, "clerk")
        yield self._states()
        yield from self._of_processes(jobs, clerk)
        yield from _of_jobs(jobs, self._now)
        yield from self._watched(read_state(self._folder, "figures"))
        yield _gauge("svi_alerts_open", "What the team was told of and is not solved.", self._alerts())

    def _states(self) -> Metric:
        found = GaugeMetricFamily("svi_part", "How a part is: 1 for the state that it has.", labels=["part", "state"])
        for name, part in sorted(self._parts.items()):
            for state in State:
                found.add_metric([name, str(state)], float(part["state"] == state))
        return found

    def _of_processes(self, jobs: Mapping[str, Any], clerk: Mapping[str, Any]) -> Iterator[Metric]:
        ages = {"clerk": clerk, "jobs": jobs, "watch": read_state(self._folder, "watch")}
        found = GaugeMetricFamily("svi_process_age_seconds", "Since when a process has not spoken.", labels=["process"])
        for name, state in ages.items():
            if state:
                found.add_metric([name], age(state, self._now))
        yield found
        if (lag := self._parts["clerk"].get("lag_seconds")) is not None:
            yield _gauge("svi_clerk_lag_seconds", "Since when the clerk has not emptied the journal.", lag)
        if "state" in (operator := jobs.get("operator") or {}):
            yield _gauge("svi_operator_up", "Whether the operator's log could be read.", operator["state"] == State.OK)
        if "repaired" in operator:
            told = "Calls that the last comparison with the operator's log had to repair or mend; healthy: 0."
            yield _gauge("svi_reconciliation_gap", told, operator["repaired"] + operator.get("mended", 0))
        told = "What went wrong with the journal in the last day: files that vanished or shrank, appends refused."
        yield _gauge("svi_journal_losses", told, losses_of(clerk))

    def _watched(self, figures: Mapping[str, Any]) -> Iterator[Metric]:
        for name, (metric, told) in PLAIN.items():
            if isinstance(value := figures.get(name), int | float):
                yield _gauge(metric, told, value)
        for name, (metric, told, *labels) in LABELLED.items():
            if name in figures:
                found = GaugeMetricFamily(metric, told, labels=labels)
                for *values, number in figures[name]:
                    found.add_metric([str(value) for value in values], number)
                yield found

    def _alerts(self) -> int:
        return len(self._parts.get("alerts", {}).get("open", ()))


def losses_of(clerk: Mapping[str, Any]) -> int:
    """How much went wrong with the journal in the last day, as the clerk tells it by kind."""
    told = clerk.get("journal_losses") or {}
    return sum(one for one in told.values() if isinstance(one, int)) if isinstance(told, Mapping) else 0


def _of_jobs(jobs: Mapping[str, Any], now: datetime) -> Iterator[Metric]:
    done = GaugeMetricFamily("svi_job_age_seconds", "Since when a job was not done.", labels=["job"])
    late = GaugeMetricFamily("svi_job_late", "Whether a job is late.", labels=["job"])
    for name, told in sorted((jobs.get("jobs") or {}).items()):
        if told.get("done_at"):
            done.add_metric([name], age({"at": told["done_at"]}, now))
        late.add_metric([name], float(bool(told.get("late"))))
    failing = GaugeMetricFamily("svi_jobs_failing", "Jobs that failed the last time.")
    failing.add_metric([], len(jobs.get("failing", ())))
    yield from (done, late, failing)


def _gauge(name: str, told: str, value: float) -> Metric:
    found = GaugeMetricFamily(name, told)
    found.add_metric([], float(value))
    return found
