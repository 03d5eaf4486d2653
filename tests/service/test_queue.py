"""The queue before the model: order, places, leaving, closing."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from rag.errors import Cancelled
from rag.types import StopCheck
from service.problems import Problem
from service.queue import ModelQueue


async def never() -> None:
    """A client that stays."""
    await asyncio.Event().wait()


def returning(value: int, order: list[int]) -> Callable[[StopCheck], int]:
    """A job that notes its turn."""

    def work(stop: StopCheck) -> int:
        order.append(value)
        return value

    return work


def until_stopped(began: threading.Event) -> Callable[[StopCheck], None]:
    """A job that runs until it is told to stop."""

    def work(stop: StopCheck) -> None:
        began.set()
        while not stop():
            threading.Event().wait(0.002)
        raise Cancelled("stopped")

    return work


def test_first_come_first_served() -> None:
    """Jobs run in the order in which they came, all on one thread."""
    order: list[int] = []

    async def scenario() -> list[int]:
        queue = ModelQueue()
        try:
            return await asyncio.gather(*(queue.run(returning(n, order), never()) for n in range(9)))
        finally:
            queue.close()

    assert asyncio.run(scenario()) == order == list(range(9))


def test_a_failure_reaches_its_own_caller_alone() -> None:
    """A job that raises fails for whoever asked; the next one runs."""

    def broken(stop: StopCheck) -> int:
        raise ValueError("broken")

    async def scenario() -> list[int | BaseException]:
        queue = ModelQueue()
        jobs = [queue.run(broken, never()), queue.run(returning(1, []), never())]
        try:
            return await asyncio.gather(*jobs, return_exceptions=True)
        finally:
            queue.close()

    failed, fine = asyncio.run(scenario())
    assert isinstance(failed, ValueError) and fine == 1


def test_no_more_wait_than_there_are_places() -> None:
    """One more is refused at once, and told when to come back."""
    began = threading.Event()

    async def scenario() -> Problem:
        queue = ModelQueue(places=2)
        running = asyncio.ensure_future(queue.run(until_stopped(began), never()))
        await asyncio.to_thread(began.wait)
        waiting = [asyncio.ensure_future(queue.run(returning(n, []), never())) for n in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refused:
            await queue.run(returning(9, []), never())
        queue.close()
        await asyncio.gather(running, *waiting, return_exceptions=True)
        return refused.value

    problem = asyncio.run(scenario())
    assert problem.code == "busy" and int(problem.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("running", [True, False])
def test_who_goes_is_cancelled(running: bool) -> None:
    """Whether a job runs or waits: it ends, and the queue is free for the next."""
    began, order = threading.Event(), list[int]()

    async def scenario() -> None:
        queue, left = ModelQueue(), asyncio.Event()

        async def gone() -> None:
            await left.wait()

        first = asyncio.ensure_future(queue.run(until_stopped(began), gone() if running else never()))
        await asyncio.to_thread(began.wait)
        second = asyncio.ensure_future(queue.run(returning(2, order), never() if running else gone()))
        await asyncio.sleep(0)
        left.set()
        with pytest.raises(Cancelled):
            await (first if running else second)
        assert queue.waiting == 0
        if running:
            assert await second == 2
        queue.close()
        await asyncio.gather(first, second, return_exceptions=True)

    asyncio.run(scenario())
    assert order == ([2] if running else [])


def test_a_closed_queue_takes_nothing() -> None:
    """After closing, whoever asks or waits is told that the service ends."""

    async def scenario() -> None:
        queue = ModelQueue()
        queue.close()
        with pytest.raises(Problem) as refused:
            await queue.run(returning(1, []), never())
        assert refused.value.code == "not_ready"

    asyncio.run(scenario())


def test_closing_does_not_await_what_cannot_stop() -> None:
    """Native code may look at the stop check late: whoever asked is let go at once, and so is who waits."""
    began, let_go = threading.Event(), threading.Event()

    def deaf(stop: StopCheck) -> None:
        began.set()
        let_go.wait(20)

    async def scenario() -> None:
        queue = ModelQueue()
        asked = [asyncio.ensure_future(queue.run(deaf, never())) for _ in range(3)]
        await asyncio.to_thread(began.wait)
        await asyncio.to_thread(queue.close)
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert [outcome.code for outcome in outcomes if isinstance(outcome, Problem)] == ["not_ready"] * 3
        assert queue.alive and not let_go.is_set()
        let_go.set()

    asyncio.run(scenario())


def test_a_caller_that_is_cancelled_stops_its_job() -> None:
    """When the task that asked is cancelled, the job is told to stop and the next has its turn."""
    began = threading.Event()

    async def scenario() -> int:
        queue = ModelQueue()
        first = asyncio.ensure_future(queue.run(until_stopped(began), never()))
        await asyncio.to_thread(began.wait)
        first.cancel()
        try:
            return await queue.run(returning(7, []), never())
        finally:
            queue.close()

    assert asyncio.run(scenario()) == 7
