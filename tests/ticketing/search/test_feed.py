"""The way of a change into the index: idempotent, in any order, through failures of the engine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from nlp import duplicates
from ticketing.intake.accept import accept_many
from ticketing.intake.report import Report
from ticketing.intake.understanding import Understanding
from ticketing.lifecycle.actors import SYSTEM
from ticketing.models import OutboxEntry, Ticket
from ticketing.outbox import reading
from ticketing.search import engines, feed, likeness, service, sync
from ticketing.search.documents import Access, Document, Hit, IndexOutdated, Query, Results, SearchUnavailable
from ticketing.search.embedded import EmbeddedEngine
from ticketing.search.engine import SearchEngine

from .city import City


class Away:
    """An engine that does not answer."""

    name = "away"

    def _refuse(self, *_: object, **__: object) -> None:
        raise SearchUnavailable("the engine does not answer")

    upsert = delete = search = suggest = more_like_this = alike = count = entries = refresh = begin = _refuse


@pytest.fixture(autouse=True)
def fresh_feed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(feed, "_resume_at", 0.0)
    yield


def report(text: str, key: str) -> Report:
    return Report(channel="web", body=text, title=text, external_id=key, city="410100", region="410102")


def take_in(*texts: str) -> list[Ticket]:
    reports = [report(text, f"k-{at}-{text}") for at, text in enumerate(texts)]
    done = accept_many(reports, actor=SYSTEM, understood=[Understanding()] * len(reports))
    return [one.ticket for one in done]


def numbers(text: str) -> set[str]:
    return {hit.number for hit in service.find(SYSTEM, Query(text=text, limit=500)).results.hits}


def deliver() -> None:
    while reading.run(feed.LISTENER):
        pass
    engines.tickets().refresh()


@pytest.mark.django_db(transaction=True)  # the outbox only gives out what is committed
def test_a_ticket_is_found_after_the_outbox_was_read(city: City, tickets: SearchEngine) -> None:
    (ticket,) = take_in("花园路路灯不亮")
    deliver()
    assert numbers("路灯") == {ticket.number}


def test_the_same_batch_again_changes_nothing(city: City, tickets: SearchEngine) -> None:
    take_in("路灯不亮", "停水三天")
    entries = list(OutboxEntry.objects.filter(topic="ticket"))
    for _ in range(3):
        feed.hear(entries)
    tickets.refresh()
    assert tickets.count() == 2
    assert sync.check(tickets, feed.TICKETS).clean


def test_entries_in_any_order_end_in_the_same_index(city: City, tickets: SearchEngine) -> None:
    take_in(*(f"路灯 {at}" for at in range(6)))
    entries = list(OutboxEntry.objects.filter(topic="ticket"))
    for entry in (entries[0], *reversed(entries[1:])):  # the first makes the index
        feed.hear([entry])
    tickets.refresh()
    assert sync.check(tickets, feed.TICKETS).clean


@pytest.mark.django_db(transaction=True)  # the outbox only gives out what is committed
def test_an_engine_that_is_away_keeps_nothing_out_and_drains_afterwards(
    city: City, tickets: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines.use(tickets=Away())  # type: ignore[arg-type]
    (ticket,) = take_in("停水三天")
    assert reading.run(feed.LISTENER) == 0
    assert not feed.ready()
    monkeypatch.setattr(feed, "_resume_at", 0.0)
    engines.use(tickets=tickets)
    deliver()
    assert numbers("停水") == {ticket.number}


def test_a_district_finds_its_tickets_by_name_and_by_pinyin(city: City, tickets: SearchEngine) -> None:
    here, there = city.ticket("路灯不亮", region="410102001"), city.ticket("路灯不亮", region="410103")
    sync.rebuild(tickets, feed.TICKETS)
    for typed in ("中原区 路灯", "zhongyuanqu", "林山寨街道"):
        assert numbers(typed) == {here.number}, typed
    engines.use(tickets=Away())  # type: ignore[arg-type]
    assert numbers("中原区 路灯") == {here.number}
    assert numbers("二七区") == {there.number}


def test_search_falls_back_to_the_database_and_says_so(city: City, tickets: SearchEngine) -> None:
    engines.use(tickets=Away())  # type: ignore[arg-type]
    ticket = city.ticket("中原区停水", "三天没有水")
    hidden = city.ticket("二七区停水", region="410103")
    answer = service.find(city.people["agent"], Query(text="停水"))
    assert answer.results.degraded
    assert [one.ticket.number for one in answer.found] == [ticket.number]
    assert service.find(SYSTEM, Query(text=hidden.number)).results.hits[0].number == hidden.number
    assert service.suggest(SYSTEM, "停") == ()
    assert service.alike(SYSTEM, ticket.pk) == ()


@pytest.mark.parametrize(
    "filters",
    [
        {"kind": ("complaint",)},
        {"status": ("new",)},
        {"region": ("410102",)},
        {"lead": ()},
        {"unit": ()},
        {"tag": ("late", "urgent")},
        {"tag": ("supervised",)},
    ],
)
def test_the_fallback_filters_like_the_engine(
    city: City, tickets: SearchEngine, filters: dict[str, tuple[str, ...]]
) -> None:
    city.ticket("停水", kind="complaint", lead="lights", late=True, ladder="yellow")
    city.ticket("停水", kind="help", region="410103", status="handling", lead="street")
    lead = str(city.unit["lights"].pk)
    wanted = {name: values or (lead,) for name, values in filters.items()}
    sync.rebuild(tickets, feed.TICKETS)
    engine = service.find(SYSTEM, Query(text="停水", filters=wanted))
    engines.use(tickets=Away())  # type: ignore[arg-type]
    plain = service.find(SYSTEM, Query(text="停水", filters=wanted))
    assert [one.number for one in engine.results.hits] == [one.number for one in plain.results.hits]
    assert len(plain.results.hits) == 1


def test_a_lost_index_is_filled_again_by_itself(city: City, tickets: SearchEngine) -> None:
    for at in range(5):
        city.ticket(f"路灯 {at}")
    assert feed.watch() == 5
    tickets.refresh()
    assert tickets.count() == 5
    assert feed.watch() == 0


def test_a_lost_index_is_not_taken_for_a_small_one(city: City, tickets: SearchEngine) -> None:
    old, new = city.ticket("路灯 旧"), city.ticket("路灯 新")
    with pytest.raises(IndexOutdated):
        feed.hear([OutboxEntry(topic="ticket", ticket_id=new.pk)])
    answer = service.find(SYSTEM, Query(text="路灯"))
    assert answer.results.degraded and len(answer.found) == 2
    assert feed.watch() == 2
    tickets.refresh()
    answer = service.find(SYSTEM, Query(text="路灯"))
    assert not answer.results.degraded and {one.ticket for one in answer.found} == {old, new}


def test_a_folder_that_is_deleted_or_cannot_be_used_is_an_engine_that_is_away(tmp_path: Path, city: City) -> None:
    engine = EmbeddedEngine(tmp_path / "index")
    engines.use(tickets=engine)
    ticket = city.ticket("路灯")
    sync.rebuild(engine, feed.TICKETS)
    shutil.rmtree(tmp_path / "index")
    assert numbers("路灯") == {ticket.number}  # from the database
    assert feed.watch() == 1
    assert not service.find(SYSTEM, Query(text="路灯")).results.degraded
    shutil.rmtree(tmp_path / "index")
    (tmp_path / "index").write_text("a file where the folder was")
    assert service.find(SYSTEM, Query(text="路灯")).results.degraded
    with pytest.raises(SearchUnavailable):
        feed.hear([OutboxEntry(topic="ticket", ticket_id=ticket.pk)])
    engines.use()


def test_an_index_of_another_version_is_made_again_by_itself(
    city: City, tickets: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Old:
        """An engine whose index another version made, until a rebuild put a new one in place."""

        mended = False

        def __getattr__(self, name: str) -> object:
            if self.mended or name in ("begin", "name"):
                return getattr(tickets, name)
            if name == "swap":
                return self.swap
            raise IndexOutdated("made by another version")

        def swap(self, fresh: SearchEngine) -> None:
            tickets.swap(fresh)
            Old.mended = True

    city.ticket("路灯")
    engines.use(tickets=Old())  # type: ignore[arg-type]
    with pytest.raises(IndexOutdated):
        feed.hear([OutboxEntry(topic="ticket", ticket_id=1)])
    assert not feed.ready()
    assert feed.watch() == 1
    assert numbers("路灯")


def test_a_check_finds_and_repairs_every_kind_of_difference(city: City, tickets: SearchEngine) -> None:
    kept, behind, _ = (city.ticket(text) for text in ("一", "二", "三"))
    sync.rebuild(tickets, feed.TICKETS)
    Ticket.objects.filter(pk=behind.pk).update(version=9, title="二改")
    missing = city.ticket("四")
    tickets.upsert([Document(id=10_000, version=1, number="x", access=frozenset({"r:*"}))])
    found = sync.check(tickets, feed.TICKETS)
    assert (found.missing, found.behind, found.surplus) == (1, 1, 1)
    assert sync.repair(tickets, feed.TICKETS) == found
    assert sync.check(tickets, feed.TICKETS).clean
    assert numbers("二改") == {behind.number}
    assert numbers(missing.number) == {missing.number}
    assert numbers(kept.number) == {kept.number}


def test_an_index_newer_than_the_database_is_told_and_mended_by_a_rebuild(city: City, tickets: SearchEngine) -> None:
    ticket = city.ticket("备份", version=7)
    sync.rebuild(tickets, feed.TICKETS)
    Ticket.objects.filter(pk=ticket.pk).update(version=3)
    assert sync.repair(tickets, feed.TICKETS).ahead == 1
    assert not sync.check(tickets, feed.TICKETS).clean
    sync.rebuild(tickets, feed.TICKETS)
    assert sync.check(tickets, feed.TICKETS).clean


def test_what_changes_during_a_rebuild_is_in_the_new_index(city: City, tickets: SearchEngine) -> None:
    first = city.ticket("最初")

    def documents(ids: Sequence[int]) -> list[Document]:
        made = feed.TICKETS.documents(ids)
        if first.version == 1:
            first.version = 2
            Ticket.objects.filter(pk=first.pk).update(version=2, title="重建期间修改")
            city.ticket("重建期间新增")
        return made

    source = sync.Source("tickets", documents, feed.TICKETS.versions, feed.TICKETS.count)  # type: ignore[arg-type]
    sync.rebuild(tickets, source)
    assert sync.check(tickets, feed.TICKETS).clean
    assert len(numbers("重建期间")) == 2


def test_the_commands(city: City, tickets: SearchEngine, capsys: pytest.CaptureFixture[str]) -> None:
    ticket = city.ticket("花园路路灯不亮", external_id="SD-77")
    call_command("rebuild_search", "--only", "tickets")
    call_command("check_search", "--only", "tickets")
    call_command("search", "路灯", "--json")
    told = capsys.readouterr().out
    assert "clean, 1 documents" in told
    assert ticket.number in told
    assert "SD-77" in told
    assert '"total": 1' in told
    call_command("search", "路灯", "--as", "t-nobody")
    assert "0 found" in capsys.readouterr().out
    with pytest.raises(CommandError, match="nobody-knows"):
        call_command("search", "x", "--as", "nobody-knows")
    Ticket.objects.filter(pk=ticket.pk).update(version=5)
    with pytest.raises(CommandError, match="differ"):
        call_command("check_search", "--no-repair", "--only", "tickets")


def test_a_page_says_that_it_comes_from_the_database(city: City, tickets: SearchEngine, client: object) -> None:
    from django.test import Client

    from directory.models import Staff

    engines.use(tickets=Away())  # type: ignore[arg-type]
    city.ticket("停水")
    browser = Client()
    browser.force_login(Staff.objects.get(username="t-supervisor"))
    shown = browser.post("/desk/search/", {"text": "停水"}).content.decode()
    assert "搜索引擎暂不可用" in shown


def test_hits_of_deleted_rows_are_dropped(city: City, tickets: SearchEngine) -> None:
    class Stale:
        name = "stale"

        def search(self, query: Query, *, access: Access) -> Results:
            gone = Hit(id=999, number="gone", external_id="", score=1.0, title=(), passage=())
            return Results(hits=(gone,), total=1)

    engines.use(tickets=Stale())  # type: ignore[arg-type]
    assert service.find(SYSTEM, Query(text="x")).found == ()


def test_candidates_for_duplicates_are_recent_and_of_the_region(city: City, tickets: SearchEngine) -> None:
    old = city.ticket("花园路路灯不亮", created_at=timezone.now() - timedelta(days=40))
    same = city.ticket("花园路路灯整排不亮了")
    elsewhere = city.ticket("花园路路灯不亮", region="410103")
    city.ticket("医保报销")
    sync.rebuild(tickets, feed.TICKETS)
    since = timezone.now() - timedelta(days=7)
    query = duplicates.Report("", likeness.read("花园路的路灯一直不亮")[0])
    found = {one.key for one in likeness.TicketIndex(SYSTEM, since).candidates(query)}
    assert found == {str(same.pk), str(elsewhere.pk)}
    (one,) = likeness.TicketIndex(SYSTEM, since, "410102").candidates(query)
    assert one.key == str(same.pk)
    assert one.fingerprint == likeness.read("花园路路灯整排不亮了\n花园路路灯整排不亮了")[0]
    assert one.region == "410102"
    assert str(old.pk) not in found
    engines.use(tickets=Away())  # type: ignore[arg-type]
    with pytest.raises(SearchUnavailable):
        likeness.TicketIndex(SYSTEM, since).candidates(query)
