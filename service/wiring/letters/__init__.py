"""Which letters leave on a schedule? Those about requests and about absences, plugged in."""
