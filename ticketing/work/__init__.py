"""Background work: the same functions under a supervised poller (one machine) and under Celery (production)."""
