from django.apps import AppConfig


class HotlineConfig(AppConfig):
    name = "hotline"

    def ready(self) -> None:
        from hotline import checks

        checks.register()
