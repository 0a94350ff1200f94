from datetime import timedelta

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "dashboards"
    verbose_name = "统计"

    def ready(self) -> None:
        from dashboards import report
        from dashboards.rollups import feed
        from ticketing.outbox.reading import register
        from ticketing.work import jobs

        register(feed.listener())
        jobs.register(jobs.Job("monthly_report", timedelta(hours=1), report.write_due, lease=timedelta(minutes=10)))
