from datetime import timedelta

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "dashboards"
    verbose_name = "统计"

    def ready(self) -> None:
        from dashboards import hot, report, states
        from dashboards.models import Appraisal, Exclusion, Objection
        from dashboards.rollups import feed, renew
        from ticketing.journal import ledger, rows
        from ticketing.outbox.reading import register
        from ticketing.work import jobs

        register(feed.listener())
        for model in (Appraisal, Exclusion, Objection):
            ledger.keep(ledger.Book(rows.Kind(model, "")))
        jobs.register(jobs.Job("rollups_watch", timedelta(seconds=20), renew.watch, lease=timedelta(minutes=60)))
        jobs.register(jobs.Job("hot_topics", timedelta(minutes=2), hot.keep, lease=timedelta(minutes=10)))
        jobs.register(jobs.Job("coverage", timedelta(hours=1), states.note))
        jobs.register(jobs.Job("monthly_report", timedelta(hours=1), report.write_due, lease=timedelta(minutes=10)))
