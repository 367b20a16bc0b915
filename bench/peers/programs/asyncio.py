"""Python's asyncio at the work of the Go benchmarks.

python - <work> <number>
"""

import asyncio
import random
import sys
import time

HOUR = 3600.0

# The same delays each time.
random.seed(1)


def report(value, unit):
    # Windows gives a pipe a code page without µ.
    sys.stdout.buffer.write(f"{value} {unit}\n".encode())


def far_off():
    return HOUR + random.random() * HOUR


def nothing():
    pass


async def rounds(ops, one_round):
    """Awaits one_round for 100 ms, once before that uncounted, and reports the
    cost of one of the ops in a round."""
    await one_round()
    count, wall, spent = 0, time.perf_counter_ns(), time.process_time_ns()
    while (elapsed := time.perf_counter_ns() - wall) < 100_000_000:
        await one_round()
        count += 1
    report(elapsed / (count * ops), "ns/op")
    report((time.process_time_ns() - spent) / (count * ops), "cpu-ns/op")


def lateness(late):
    late.sort()
    for p in (1, 5, 10, 25, 50, 75, 90, 95, 99):
        report(late[(len(late) - 1) * p // 100] * 1e6, f"late-p{p:02d}-µs")
    report(late[-1] * 1e6, "late-max-µs")


async def wait(loop, n):
    """CPU while n timers wait that are far from due."""
    for _ in range(n):
        loop.call_later(far_off(), nothing)
    await asyncio.sleep(0.05)
    wall, spent = time.perf_counter_ns(), time.process_time_ns()
    await asyncio.sleep(0.3)
    report(100 * (time.process_time_ns() - spent) / (time.perf_counter_ns() - wall), "%cpu")


async def setstop(loop, n):
    """Set a timer and stop it, with n pending."""
    for _ in range(n):
        loop.call_later(far_off(), nothing)

    async def one_round():
        for _ in range(10_000):
            loop.call_later(far_off(), nothing).cancel()
        await asyncio.sleep(0)  # stopped timers are swept out here

    await rounds(10_000, one_round)


async def calls(n, schedule):
    """Schedules n calls and waits for the last."""
    left, last = n, asyncio.get_running_loop().create_future()

    def callback():
        nonlocal left
        left -= 1
        if left == 0:
            last.set_result(None)

    for _ in range(n):
        schedule(callback)
    await last


async def fire(loop, n):
    """n timers with random delays over 10 ms, set to last callback."""
    await rounds(n, lambda: calls(n, lambda f: loop.call_later(random.random() * 0.01, f)))


async def soon(loop, n):
    """n functions to call as soon as possible."""
    await rounds(n, lambda: calls(n, loop.call_soon))


async def quiet(loop, n):
    """Timers one at a time, for n ms."""
    late, last, end = [], loop.create_future(), time.perf_counter() + n / 1e3

    def next_one():
        delay, start = (1 + len(late) % 3) / 1e3, time.perf_counter()

        def callback():
            late.append(time.perf_counter() - start - delay)
            if time.perf_counter() > end:
                last.set_result(None)
            else:
                next_one()

        loop.call_later(delay, callback)

    next_one()
    await last
    lateness(late)


async def flow(loop, n):
    """n timers that fall due at random over half a second."""
    late, last = [], loop.create_future()

    def one():
        delay, start = 0.05 + random.random() * 0.5, time.perf_counter()

        def callback():
            late.append(time.perf_counter() - start - delay)
            if len(late) == n:
                last.set_result(None)

        loop.call_later(delay, callback)

    for _ in range(n):
        one()
    await last
    lateness(late)


async def main():
    works = {f.__name__: f for f in (wait, setstop, fire, soon, quiet, flow)}
    try:
        work, n = works[sys.argv[1]], int(sys.argv[2])
        if n < 0:
            raise ValueError(n)
    except (KeyError, ValueError, IndexError):
        sys.exit(f"usage: python - {'|'.join(works)} number")
    await work(asyncio.get_running_loop(), n)


asyncio.run(main())
