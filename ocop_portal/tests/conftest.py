"""What tests of the shared tools need: things that happen at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections


@pytest.fixture
def at_once(transactional_db: None) -> Callable[..., list[Any]]:
    """Call functions in threads that start together, each with its own database connection.

    Returns their answers, or what they raised.
    """

    def call_all(*functions: Callable[[], Any]) -> list[Any]:
        barrier = Barrier(len(functions))

        def call(function: Callable[[], Any]) -> Any:
            try:
                barrier.wait(10)
                return function()
            except Exception as error:
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(call, functions))

    return call_all
