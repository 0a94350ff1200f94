"""The generated configuration: loopback, secrets, least rights, no way for a name to become configuration."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path

import pytest

from telephony.asterisk_config import prompts, render
from telephony.asterisk_config.pjsip import auth_object
from telephony.asterisk_config.site import BadSite, LineSpec, Ports, QueueSpec, SeatSpec, Site, TrunkSpec, code

SECRET = "ab" * 16


def site(**changes: object) -> Site:
    values: dict[str, object] = {
        "node": "n1", "home": "/h", "manager_secret": SECRET,
        "seats": (SeatSpec("8001"), SeatSpec("8002", webrtc=False, service="local")),
        "trunks": (TrunkSpec("carrier", "carrier", "10.1.1.1", matches=("10.1.1.1",)),
                   TrunkSpec("police", "police", "10.1.1.2", matches=("10.1.1.2",))),
    }  # fmt: skip
    return Site(**{**values, **changes})  # type: ignore[arg-type]


def sections(text: str) -> dict[str, str]:
    parts = re.split(r"^\[([^\]]+)\]\n", text, flags=re.M)
    found: dict[str, str] = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        found[name] = found.get(name, "") + body
    return found


def test_everything_listens_on_loopback_by_default() -> None:
    files = render.files(site())
    assert "bindaddr=127.0.0.1" in files["manager.conf"] and "bindaddr=127.0.0.1" in files["http.conf"]
    assert "bind=127.0.0.1:5060" in files["pjsip.conf"]
    assert "0.0.0.0/0.0.0.0" in files["manager.conf"] and "permit=127.0.0.1" in files["manager.conf"]


def test_a_node_in_a_closed_network_still_refuses_the_rest_of_the_world() -> None:
    files = render.files(site(ports=Ports(inside="0.0.0.0")))
    assert "bindaddr=0.0.0.0" in files["manager.conf"] and "bindaddr=0.0.0.0" in files["http.conf"]
    lines = files["manager.conf"].splitlines()
    assert lines.index("deny=0.0.0.0/0.0.0.0") < lines.index("permit=127.0.0.1/255.255.255.255")
    permitted = [ip_network(line[7:]) for line in lines if line.startswith("permit=")]
    assert len(permitted) == 4 and all(net.is_private for net in permitted)
    assert "bind=127.0.0.1:5060" in files["pjsip.conf"], "SIP has an address of its own"


def test_the_manager_account_has_no_command_no_config_no_dialplan() -> None:
    rights = re.findall(r"^(?:read|write)=(.*)$", render.files(site())["manager.conf"], re.M)
    granted = {right for line in rights for right in line.split(",")}
    assert granted.isdisjoint({"command", "config", "dialplan", "all", "cdr", "security"})


def test_no_seat_has_a_password_in_a_file() -> None:
    pjsip = render.files(site())["pjsip.conf"]
    assert "password=" not in pjsip and "auth=8001" in pjsip
    assert "auth=astdb,hotline" in render.files(site())["sorcery.conf"]
    assert auth_object("8001", 'p"w') == '{"auth_type":"digest","username":"8001","password":"p\\"w"}'


def test_a_short_manager_secret_is_refused() -> None:
    with pytest.raises(BadSite, match="128 bits"):
        site(manager_secret="short")


def test_codecs_are_allowed_after_all_were_disallowed() -> None:
    """`disallow=all` after `allow` leaves a call without sound."""
    for name, body in sections(render.files(site())["pjsip.conf"]).items():
        if "disallow=all" in body:
            assert body.index("disallow=all") < body.index("\nallow="), name


def test_every_seat_has_a_queue_of_its_own_for_lost_legs() -> None:
    found = sections(render.files(site())["queues.conf"])
    assert "member => PJSIP/8001,0,8001" in found["seat-8001"]
    assert "ringinuse=no" in found["normal"] and "context=queue-keys" in found["normal"]


def test_a_seat_reaches_only_what_its_class_of_service_allows() -> None:
    found = sections(render.files(site())["extensions.conf"])
    internal = found["from-seat-internal"]
    assert re.findall(r"exten => (\S+?),1", internal) == ["*43", "8001", "8002"]
    assert "outward" not in internal
    assert "_0" not in found["from-seat-local"], "no long distance for a local seat"
    assert "_00" not in found["from-seat-national"] and "_0[1-9]" in found["from-seat-national"]
    pjsip = sections(render.files(site())["pjsip.conf"])
    assert "context=from-seat-internal" in pjsip["8001"] and "context=from-seat-local" in pjsip["8002"]


def test_without_intent_the_caller_never_comes_to_the_rating() -> None:
    """The only way to the rating is a recorded intent to hang up."""
    queue = sections(render.files(site())["extensions.conf"])["hotline-queue"]
    assert queue.count("?rate)") == 1 and '"${HL_INTENT}"="hangup"]?rate)' in queue


def test_no_menu_before_the_agent_by_default() -> None:
    text = render.files(site(lines=(LineSpec("12345", "normal"), LineSpec("96110", "normal", menu=True))))
    lines = sections(text["extensions.conf"])["from-trunk"]
    assert (
        "Goto(welcome,s,1)" in lines.split("exten => 96110")[0] and "Goto(menu,s,1)" in lines.split("exten => 96110")[1]
    )


def test_service_hours_lead_to_the_closed_announcement_outside() -> None:
    lines = sections(
        render.files(site(lines=(LineSpec("12345", "normal", hours="08:00-20:00,mon-fri,*,*"),)))["extensions.conf"]
    )
    assert "GotoIfTime(08:00-20:00,mon-fri,*,*?open)" in lines["from-trunk"]
    assert lines["from-trunk"].index("Goto(closed,s,1)") < lines["from-trunk"].index("n(open)")


@pytest.mark.parametrize(
    "make",
    [
        lambda: QueueSpec("a]\nb"), lambda: QueueSpec("general"), lambda: QueueSpec("seat-1"),
        lambda: LineSpec("12345;x", "normal"), lambda: SeatSpec("10 01"), lambda: SeatSpec("8001", service="world"),
        lambda: SeatSpec("8001", contact="sip:x@y\n[evil]"), lambda: TrunkSpec("t", "carrier", "h\nost"),
        lambda: TrunkSpec("t", "fax"), lambda: Ports(ami=80), lambda: Ports(bind="everywhere"),
        lambda: LineSpec("12345", "normal", hours="x\ny"),
        lambda: site(lines=(LineSpec("12345", "nowhere"),)), lambda: site(seats=(SeatSpec("8001"), SeatSpec("8001"))),
    ],
)  # fmt: skip
def test_bad_descriptions_are_refused(make: object) -> None:
    with pytest.raises(ValueError):
        make()  # type: ignore[operator]


def test_writing_twice_changes_nothing_and_foreign_files_stay(tmp_path: Path) -> None:
    assert "pjsip.conf" in render.write(site(), tmp_path)
    assert render.write(site(), tmp_path) == []
    assert (tmp_path / "etc" / "manager.conf").stat().st_mode & 0o077 == 0
    foreign = tmp_path / "etc" / "rtp.conf"
    foreign.write_text("; mine\n")
    with pytest.raises(FileExistsError, match=r"rtp\.conf"):
        render.write(site(), tmp_path)
    assert foreign.read_text() == "; mine\n"


def test_a_recorded_prompt_wins_over_the_engine(tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "digits").mkdir(parents=True)
    for name in prompts.texts():
        (own / f"{name}.wav").write_bytes(name.encode())
    made = prompts.make(tmp_path / "sounds", own)
    assert (tmp_path / "sounds" / "welcome.wav").read_bytes() == b"welcome"
    assert set(prompts.texts()) < set(made) and (tmp_path / "sounds" / "moh" / "waiting.wav").stat().st_size > 100_000


def test_how_the_node_is_seen_from_outside() -> None:
    found = render.files(
        site(
            external_address="203.0.113.9", local_nets=("10.0.0.0/8", "192.168.0.0/16"), stun="stun.example:3478",
            turn="turn.example:3478", turn_user="hotline", turn_password="s3cret",
            ports=Ports(bind="10.1.2.3", sound="10.1.2.4"),
        )
    )  # fmt: skip
    udp, ws = found["pjsip.conf"].split("[transport-ws]")
    for transport in (udp, ws):
        assert "external_media_address=203.0.113.9" in transport
        assert "local_net=10.0.0.0/8\nlocal_net=192.168.0.0/16" in transport
    assert "bind=10.1.2.3:" in udp and "bind=10.1.2.4\n" in ws
    assert "bind=127.0.0.1\n" in render.files(site())["pjsip.conf"].split("[transport-ws]")[1]
    for line in ("stunaddr=stun.example:3478", "turnaddr=turn.example:3478", "turnusername=hotline",
                 "turnpassword=s3cret"):  # fmt: skip
        assert line in found["rtp.conf"]
    for name in ("manager.conf", "http.conf"):
        assert "bindaddr=127.0.0.1" in found[name], "only SIP leaves loopback"
    for wrong in ({"external_address": "a b"}, {"external_address": "203.0.113.9"}, {"local_nets": ("10.0.0.0/99",)}):
        with pytest.raises(BadSite):
            site(**wrong)


def test_peers_and_colleagues_report_what_came_of_a_consultation() -> None:
    trunk = TrunkSpec("kaifeng", "peer", "10.9.9.9", number="037112345")
    text = render.files(site(trunks=(trunk,)))["extensions.conf"]
    dial = "Dial(PJSIP/037112345@kaifeng,25,U(consult-answered^kaifeng))"
    assert f"exten => {code('kaifeng')},1,{dial}" in text and "U(blind-answered^kaifeng)" in text
    assert "U(consult-answered^8001)" in text


def test_the_place_in_the_queue_is_spoken_by_our_own_prompts() -> None:
    """Every sound that queue and number rules name is one of the prompts; nothing is left to Asterisk's English."""
    files, known = render.files(site()), set(prompts.texts())
    named = re.findall(r"^queue-\w+=/h/sounds/(\w+)$", files["queues.conf"], re.M)
    assert {"queue_next", "queue_thereare", "queue_waiting", "queue_hold"} == set(named) <= known
    assert {f"digits/{n}" for n in (*range(11), 100)} <= known
    assert "_[n]um:[2-9]X => num:${SAY:0:1},/h/sounds/digits/10,num:${SAY:1}" in files["say.conf"]
