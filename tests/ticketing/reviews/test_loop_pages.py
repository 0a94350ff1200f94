"""The pages of the loop of a bad review, in the hands of those who work on it; series of ratings; the kiosk's key."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

from django.test import Client
from django.utils import timezone

from tests.city import CITY, City
from tests.ticketing.lifecycle.stages import in_status
from ticketing.reviews import points, rating, rectifying, signals
from ticketing.reviews.models import RatingPoint, Rectification, Review, ServiceItem
from ticketing.reviews.terms import RectificationStep, ReviewChannel, ReviewKind
from ticketing.terms import Status


def _client(city: City, name: str) -> Client:
    client = Client()
    client.force_login(city.staff[name])
    return client


def _bad(city: City, **facts: object) -> Review:
    ticket = in_status(city, Status.CLOSED)
    given = {"kind": ReviewKind.HANDLING, "key": ticket.number, "person": rating.OWNER, "level": 2, "ticket": ticket}
    given |= {"channel": ReviewChannel.PORTAL, "real_name": True, "remark": "一直没解决"}
    return rating.give(rating.Given(**(given | facts)))  # type: ignore[arg-type]


def test_each_step_is_taken_from_the_list_of_who_owes_it(city: City) -> None:
    review = _bad(city)
    page, do = f"/figures/reviews/{review.pk}/", f"/figures/reviews/{review.pk}/do/"
    handler, clerk = _client(city, "handler"), _client(city, "caller")
    assert page in handler.get("/figures/rectify/").content.decode()
    for step, facts in (("verify", {"truthful": "1"}), ("rectify", {}), ("answer", {})):
        assert page not in clerk.get("/figures/rectify/").content.decode()
        assert handler.post(do, {"do": step, "text": "已经核实并整改到位", **facts}).status_code == 302
    assert page not in handler.get("/figures/rectify/").content.decode()
    assert page in clerk.get("/figures/rectify/").content.decode()
    due = rectifying.call_back_due(Rectification.objects.get())
    assert due is not None and due > timezone.now() + timedelta(days=2)
    assert clerk.post(do, {"do": "call_back", "text": "群众认可", "level": "4"}).status_code == 302
    assert Rectification.objects.get().step == RectificationStep.DONE
    assert page not in clerk.get("/figures/rectify/").content.decode()


def test_what_gathers_opens_exactly_its_reviews_and_says_what_is_common(city: City) -> None:
    for number, words in enumerate(("路灯还是不亮，物业不管", "路灯坏了没人管", "大厅排队太久")):
        _bad(city, key=str(number), remark=words)
    point = points.create(city.unit["lights"], window="一号窗口")
    points.rate_visit(point, visit="visit-number-1", level=1, options=(), remark="排队太久", origin="")
    client = _client(city, "supervisor")
    page = client.get("/figures/reviews/").content.decode()
    groups = re.findall(r'<td>([^<]*)</td><td class="num"><a href="([^"]*group=[^"]*)"[^>]*>(\d+)</a>', page)
    assert sorted(int(n) for _, _, n in groups) == [1, 1, 2] and "路灯" in groups[0][0]
    for _, address, n in groups:
        opened = client.get("/figures/reviews/" + unescape(address).split("#")[0]).content.decode()
        assert f'data-bad="{n}"' in opened


def test_who_works_on_bad_reviews_sees_no_other_figures(city: City) -> None:
    review = _bad(city)
    for name in ("caller", "handler"):
        client = _client(city, name)
        assert client.get(f"/figures/reviews/{review.pk}/").status_code == 200
        assert client.get("/figures/reviews/").status_code == 404
        assert client.get("/figures/").status_code == 404
    assert _client(city, "water").get(f"/figures/reviews/{review.pk}/").status_code == 404
    good = _bad(city, level=5, key="good")
    assert _client(city, "caller").get(f"/figures/reviews/{good.pk}/").status_code == 404


def test_ratings_in_series_show_without_a_ticket(city: City) -> None:
    point = points.create(city.unit["lights"], window="一号窗口")
    tablet = f"/figures/rate/{point.token}/?kiosk={points.kiosk_key(point)}"
    forged = f"/figures/rate/{point.token}/?kiosk=1"
    for index in range(signals.SERIES):
        for address in (tablet, forged):
            form = {"visit": f"visit-{index}-{address[-8:]}", "level": "5"}
            assert Client().post(address, form).status_code == 200
    for index in range(signals.SERIES):
        rating.give(rating.Given(kind="call", key=f"call-{index}", person=rating.OWNER, level=5, channel="keypad"))
    now = timezone.now()

    def series(numbers: signals.Numbers | None = None) -> signals.Signal:
        found = signals.signals(now - timedelta(days=1), now + timedelta(days=1), CITY, numbers)
        return next(signal for signal in found if signal.code == "series")

    # the tablet's own are left out, those that only claim to be a tablet's are not
    assert series().n == signals.SERIES
    assert series(lambda calls: dict.fromkeys(calls, "one number")).n == 2 * signals.SERIES
    assert series(lambda calls: {call: call for call in calls}).n == signals.SERIES
    page = _client(city, "supervisor").get("/figures/reviews/signals/series/")
    assert page.content.decode().count('<th scope="row">') == signals.SERIES


def test_the_kinds_are_counted_apart(city: City) -> None:
    _bad(city)
    rating.give(rating.Given(kind="call", key="c", person=rating.OWNER, level=2, channel="keypad"))
    levels = _client(city, "supervisor").get("/figures/reviews/").context["levels"]
    assert levels == [("一次一评", [0, 0, 0, 1, 0], 0), ("一事一评", [0, 0, 0, 1, 0], 0)]


def test_points_are_found_added_switched_off_and_printed(city: City) -> None:
    item = ServiceItem.objects.create(code="I1", name="路灯报装", department=city.unit["lights"])
    boss, page = _client(city, "supervisor"), "/figures/reviews/points/"
    boss.post(page, {"item": "I1"})
    boss.post(page, {"unit": str(city.unit["water"]), "window": "二号窗口"})
    boss.post(page, {"unit": "没有的单位", "window": "三号窗口"})
    assert sorted(str(point) for point in RatingPoint.objects.all()) == ["二号窗口", "路灯报装"]
    assert "二号窗口" not in boss.get(page, {"q": "路灯"}).content.decode().split("<tbody>")[1]
    assert boss.get(f"{page}print/").content.decode().count("<svg") == 2
    point = RatingPoint.objects.get(item=item)
    boss.post(page, {"switch": str(point.pk)})
    point.refresh_from_db()
    assert not point.working
    assert boss.get(f"{page}print/").content.decode().count("<svg") == 1
    assert _client(city, "auditor").post(page, {"switch": str(point.pk)}).status_code == 404
