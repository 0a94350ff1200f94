from datetime import timedelta

from django.apps import AppConfig
from django.conf import settings

#: read by scripts/asterisk, the commands and the sockets; docs/telephony.md explains each
VARIABLES = (
    "AMI_PORT",
    "BREAK_MINUTES",
    "BREAK_SHARE",
    "ASTERISK_ROOT",
    "CALL_HOURS",
    "DEBIAN_MIRROR",
    "ICE_SERVERS",
    "PHONE_BIND",
    "PHONE_EXTERNAL_ADDRESS",
    "PHONE_INSIDE_BIND",
    "PHONE_LOCAL_NETS",
    "PHONE_PORT",
    "PHONE_SOUND_BIND",
    "PHONE_STUN",
    "PHONE_TURN",
    "PHONE_URL",
    "PHONE_WS_URL",
    "RECORDING_SPOOL",
    "RTP_END",
    "RTP_START",
    "SIP_PORT",
    "SIP_URL",
    "SURVEY_CALLS",
    "TURN_PASSWORD",
    "TURN_USER",
)


class TelephonyConfig(AppConfig):
    name = "telephony"
    verbose_name = "话务"

    def ready(self) -> None:
        from telephony import inviting
        from telephony.recordings.store import erase_today
        from ticketing.work import jobs

        jobs.register(jobs.Job("call_invitations", timedelta(minutes=1), inviting.run))
        jobs.register(jobs.Job("recordings", timedelta(hours=1), erase_today, lease=timedelta(minutes=10)))
        settings.ENV.known |= {f"HOTLINE_{name}" for name in VARIABLES}
        settings.ENV.known |= {f"HOTLINE_{name}_FILE" for name in VARIABLES}
