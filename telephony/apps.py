from datetime import timedelta

from django.apps import AppConfig
from django.conf import settings

#: read by scripts/asterisk, the commands and the sockets; docs/telephony.md explains each
VARIABLES = (
    "AMI_PORT",
    "ASTERISK_ROOT",
    "DEBIAN_MIRROR",
    "ICE_SERVERS",
    "PHONE_BIND",
    "PHONE_PORT",
    "PHONE_URL",
    "PHONE_WS_URL",
    "RECORDING_SPOOL",
    "RTP_END",
    "RTP_START",
    "SIP_PORT",
    "SIP_URL",
)


class TelephonyConfig(AppConfig):
    name = "telephony"
    verbose_name = "话务"

    def ready(self) -> None:
        from telephony import inviting
        from ticketing.work import jobs

        jobs.register(jobs.Job("call_invitations", timedelta(minutes=1), inviting.run))
        settings.ENV.known |= {f"HOTLINE_{name}" for name in VARIABLES}
        settings.ENV.known |= {f"HOTLINE_{name}_FILE" for name in VARIABLES}
