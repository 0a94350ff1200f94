"""pjsip.conf: transports, trunks known by address, seats known by their login.

A seat's password is not in any file: sorcery.conf makes Asterisk look for `auth` objects in its own database too,
where the bridge puts a fresh one at each login (`DBPut hotline/auth EXT {...}`). Rotating one reloads nothing.
"""

from __future__ import annotations

import json

from telephony.asterisk_config.site import SeatSpec, Site, TrunkSpec

AUTH_FAMILY = "hotline/auth"


def section(name: str, kind: str, **keys: object) -> str:
    pairs = [(key, one) for key, value in keys.items() for one in (value if isinstance(value, tuple) else (value,))]
    lines = [f"[{name}]", f"type={kind}", *(f"{key}={value}" for key, value in pairs if value != "")]
    return "\n".join(lines) + "\n"


def auth_object(extension: str, password: str) -> str:
    """The AstDB value that sorcery's astdb wizard reads back as an `auth` object."""
    return json.dumps({"auth_type": "digest", "username": extension, "password": password}, separators=(",", ":"))


def transports(site: Site) -> str:
    nat = {"external_media_address": site.external_address, "external_signaling_address": site.external_address,
           "local_net": site.local_nets}  # fmt: skip
    udp = section("transport-udp", "transport", protocol="udp", bind=f"{site.ports.bind}:{site.ports.sip}", **nat)
    ws = section("transport-ws", "transport", protocol="ws", bind=site.ports.sound, **nat)
    return udp + "\n" + ws


def trunk(spec: TrunkSpec) -> str:
    context = {"carrier": "from-trunk", "police": "from-police", "peer": "from-peer"}[spec.kind]
    outward = bool(spec.host)
    parts = [
        section(
            spec.name, "endpoint", transport="transport-udp", context=context, disallow="all", allow="alaw,ulaw",
            direct_media="no", dtmf_mode="rfc4733", language="cmn", identify_by="ip", rtp_timeout=30,
            rtp_timeout_hold=300, send_connected_line="no", aors=spec.name if outward else "",
            outbound_auth=spec.name if spec.username else "",
        )
    ]  # fmt: skip
    if outward:
        parts.append(section(spec.name, "aor", contact=f"sip:{spec.host}:{spec.port}"))
    if spec.matches:
        parts.append(section(f"{spec.name}-id", "identify", endpoint=spec.name, match=",".join(spec.matches)))
    if spec.username:
        parts.append(section(spec.name, "auth", auth_type="digest", username=spec.username, password=spec.secret))
    if spec.register:
        parts.append(
            section(
                f"{spec.name}-reg", "registration", outbound_auth=spec.name, retry_interval=30, expiration=300,
                server_uri=f"sip:{spec.host}:{spec.port}", client_uri=f"sip:{spec.username}@{spec.host}:{spec.port}",
            )
        )  # fmt: skip
    return "\n".join(parts)


def seat(spec: SeatSpec) -> str:
    common = {
        "context": f"from-seat-{spec.service}", "direct_media": "no", "dtmf_mode": "rfc4733",
        "language": "cmn", "aors": spec.extension, "auth": spec.extension, "rtp_timeout": 20, "rtp_timeout_hold": 300,
    }  # fmt: skip
    if spec.webrtc:
        endpoint = section(
            spec.extension, "endpoint", transport="transport-ws", webrtc="yes", dtls_auto_generate_cert="yes",
            disallow="all", allow="opus,alaw,ulaw", identify_by="username,auth_username", **common,
        )  # fmt: skip
    else:
        endpoint = section(
            spec.extension,
            "endpoint",
            transport="transport-udp",
            disallow="all",
            allow="alaw,ulaw",
            identify_by="username",
            **common,
        )
    aor = section(spec.extension, "aor", max_contacts=1, remove_existing="yes", contact=spec.contact,
                  qualify_frequency=0 if spec.contact else 10, qualify_timeout=3)  # fmt: skip
    return endpoint + "\n" + aor


def pjsip(site: Site) -> str:
    head = section(
        "global", "global", endpoint_identifier_order="username,ip", user_agent="hotline", keep_alive_interval=30,
        default_realm="hotline",
    )  # fmt: skip
    parts = [head, transports(site), *(trunk(spec) for spec in site.trunks), *(seat(spec) for spec in site.seats)]
    return "\n".join(parts)
