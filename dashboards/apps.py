from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "dashboards"
    verbose_name = "统计"

    def ready(self) -> None:
        from dashboards.rollups import feed
        from ticketing.outbox.reading import register

        register(feed.listener())
