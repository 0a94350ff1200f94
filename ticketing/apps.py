from django.apps import AppConfig


class TicketingConfig(AppConfig):
    name = "ticketing"
    verbose_name = "工单"

    def ready(self) -> None:
        from ticketing import wiring

        wiring.connect()
