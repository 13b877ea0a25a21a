"""Parse workers under real bombs: what hangs or dies is killed, named and replaced, and the next call works."""

import asyncio
import os
import select
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.records import Capture, ChaoxunError, Hints, ListingError, Source, Verdict
from crawler.workers import Pool, WorkerDied, WorkerTimeout

PAGE = (
    "<html><head><title>示例市试点开始了</title></head><body><h1>示例市试点开始了</h1>"
    "<div id='zoom'>{}<p>示例市的试点今天开始，首批二十家企业参加，居民们反映良好。</p></div></body></html>"
)
SMALL = 200 * 1024 * 1024


class Refusal(ChaoxunError):
    """What a function may refuse."""


def hang() -> None:
    while True:
        time.sleep(60)


def spin() -> None:
    while True:
        pass


def devour() -> int:
    eaten = []
    while True:
        eaten.append(bytearray(10_000_000))


def die() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def fail() -> None:
    raise LookupError("nobody expected this")


def refuse(what: str) -> None:
    raise Refusal(what)


def announce_and_spin(path: str) -> None:
    Path(path).touch()
    spin()


def alive(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def own_id() -> int:
    return os.getpid()


def environment() -> dict[str, str]:
    return dict(os.environ)


def capture(body: str, status: int = 200) -> Capture:
    return Capture(
        url="https://example.com/a.html",
        final_url="https://example.com/a.html",
        status=status,
        body=body.encode(),
        content_type="text/html; charset=utf-8",
        fetched_at=datetime(2024, 1, 1, tzinfo=UTC),
    )


def with_pool(
    use: Callable[[Pool], Awaitable[None]], *, size: int = 1, seconds: float = 10.0, calls: int = 1000
) -> None:
    async def run() -> None:
        async with Pool(size=size, seconds=seconds, memory=SMALL, calls=calls) as pool:
            await use(pool)

    asyncio.run(run())


def test_a_page_becomes_a_draft_and_a_gone_one_says_so() -> None:
    async def use(pool: Pool) -> None:
        draft = await pool.extract(capture(PAGE.format("")), Hints())
        assert (draft.quality.verdict, draft.title) == (Verdict.ARTICLE, "示例市试点开始了")
        gone = await pool.extract(capture(PAGE.format(""), status=404), Hints())
        assert (gone.quality.verdict, gone.text) == (Verdict.SOFT404, "")

    with_pool(use)


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param('<b x="' + "x" * 1_200_000 + '">', id="a tag of 1.2 MB"),
        pytest.param("<div>" * 100_000, id="100,000 levels"),
        pytest.param(
            '<div class="nr"><div class="share">分享一下</div>示例，市的试点。</div>' * 20_000, id="20,000 containers"
        ),
        pytest.param("<b " + " ".join(f"a{i}=1" for i in range(100_000)) + ">", id="100,000 attributes"),
        pytest.param(
            "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + "".join(f"<!ENTITY b{i} '&a;&a;'>" for i in range(99)) + "]>&b9;",
            id="entities",
        ),
    ],
)
def test_a_hostile_page_is_read_or_refused_and_the_next_one_works(bomb: str) -> None:
    async def use(pool: Pool) -> None:
        hostile = await pool.extract(capture(PAGE.format(bomb)), Hints())
        assert hostile.quality.verdict in (Verdict.ARTICLE, Verdict.ERROR)
        assert hostile.quality.notes or hostile.text
        after = await pool.extract(capture(PAGE.format("")), Hints())
        assert after.quality.verdict is Verdict.ARTICLE

    with_pool(use)


@pytest.mark.parametrize("stuck", [hang, spin], ids=["asleep", "busy"])
def test_a_call_that_does_not_end_is_killed_and_the_worker_replaced(stuck: Callable[[], None]) -> None:
    async def use(pool: Pool) -> None:
        first = await pool.call(own_id)
        with pytest.raises(WorkerTimeout, match=r"longer than 3 s"):
            await pool.call(stuck)
        assert not alive(first)
        assert await pool.call(own_id) != first

    with_pool(use, seconds=3.0)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        pytest.param(devour, "ran out of memory", id="without end of memory"),
        pytest.param(die, "SIGSEGV", id="a crash in C"),
        pytest.param(fail, "LookupError: nobody expected this", id="an unexpected error"),
    ],
)
def test_a_worker_that_dies_is_named_and_replaced(function: Callable[[], object], said: str) -> None:
    async def use(pool: Pool) -> None:
        first = await pool.call(own_id)
        with pytest.raises(WorkerDied, match=said):
            await pool.call(function)
        assert await pool.call(own_id) != first

    with_pool(use)


def test_what_a_function_refuses_comes_back_and_the_worker_stays() -> None:
    async def use(pool: Pool) -> None:
        first = await pool.call(own_id)
        with pytest.raises(Refusal, match="not that"):
            await pool.call(refuse, "not that")
        assert await pool.call(own_id) == first

    with_pool(use)


def test_a_listing_that_cannot_be_read_is_a_listing_error() -> None:
    source = Source(slug="s", name="s", engine="html_list", url="https://example.com/")
    unknown = Source(slug="s", name="s", engine="no such engine", url="https://example.com/")

    async def use(pool: Pool) -> None:
        with pytest.raises(ListingError):
            await pool.read(source, capture("<html></html>"))
        with pytest.raises(ListingError, match="could not be read"):
            await pool.read(unknown, capture("<html></html>"))

    with_pool(use)


def test_an_extraction_that_fails_is_a_draft_that_says_why() -> None:
    async def run() -> None:
        async with Pool(seconds=0.000001) as pool:
            draft = await pool.extract(capture(PAGE.format("")), Hints())
            assert (draft.quality.verdict, draft.text) == (Verdict.ERROR, "")
            assert "longer than" in draft.quality.notes[0]

    asyncio.run(run())


def test_a_cancelled_call_leaves_a_pool_that_works(tmp_path: Path) -> None:
    begun = tmp_path / "begun"

    async def use(pool: Pool) -> None:
        call = asyncio.create_task(pool.call(announce_and_spin, str(begun)))
        while not begun.exists():
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await pool.call(own_id) > 0

    with_pool(use)


def test_a_worker_serves_so_many_calls_and_no_more() -> None:
    async def use(pool: Pool) -> None:
        served = [await pool.call(own_id) for _ in range(6)]
        assert [served.count(one) for one in dict.fromkeys(served)] == [3, 3]

    with_pool(use, calls=3)


def test_calls_run_side_by_side_and_the_rest_wait() -> None:
    async def use(pool: Pool) -> None:
        served = await asyncio.gather(*(pool.call(own_id) for _ in range(20)))
        assert 1 <= len(set(served)) <= 2

    with_pool(use, size=2)


def test_a_closed_pool_leaves_no_process_and_refuses() -> None:
    async def run() -> None:
        pool = Pool(size=2)
        await pool.start()
        workers = set(await asyncio.gather(pool.call(own_id), pool.call(own_id)))
        busy = asyncio.create_task(pool.call(hang))
        await asyncio.sleep(0)
        await pool.close()
        await pool.close()
        assert not [worker for worker in workers if alive(worker)]
        with pytest.raises(WorkerDied):
            await busy
        with pytest.raises(WorkerDied, match="closed"):
            await pool.call(own_id)

    asyncio.run(run())


def test_a_worker_knows_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAOXUN_SECRET", "hush")

    async def use(pool: Pool) -> None:
        assert "CHAOXUN_SECRET" not in await pool.call(environment)

    with_pool(use)


def test_workers_end_with_a_daemon_that_is_killed() -> None:
    program = textwrap.dedent("""
        import asyncio
        from crawler.workers import Pool
        from tests.acceptance.test_workers import own_id, spin
        async def main():
            pool = Pool()
            await pool.start()
            print(await pool.call(own_id), flush=True)
            await pool.call(spin)
        asyncio.run(main())
    """)
    root = Path(__file__).parents[2]
    daemon = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=root)
    assert daemon.stdout is not None
    with daemon.stdout as said:
        worker = os.pidfd_open(int(said.readline()))
        daemon.kill()
        daemon.wait()
    ended = select.poll()
    ended.register(worker, select.POLLIN)
    assert ended.poll(5_000), "the worker outlived its daemon by five seconds"
    os.close(worker)


def test_a_caller_that_gives_up_while_its_worker_starts_leaves_the_worker_to_the_next() -> None:
    async def give_up_and_call() -> tuple[bool, int]:
        pool = Pool()
        try:
            call = asyncio.create_task(pool.call(abs, -1))
            await asyncio.sleep(0)  # it has taken the slot, and waits for its worker to start
            call.cancel()
            answer = (await asyncio.gather(call, return_exceptions=True))[0]
            return isinstance(answer, asyncio.CancelledError), await pool.call(abs, -2)
        finally:
            await pool.close()

    assert asyncio.run(give_up_and_call()) == (True, 2)
