"""The cache: Redis, and while Redis is away the memory of this process (fault R3)."""

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django_redis.cache import RedisCache
from redis.exceptions import RedisError


class RedisOrMemoryCache(RedisCache):
    """Counters go on counting without Redis.

    django-redis can ignore that Redis is away, but then nothing is ever added, and sign-in takes
    that for too many attempts: the door would be closed to everybody.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.memory = LocMemCache("while-redis-is-away", {})

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._first(super().add, self.memory.add, *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._first(super().get, self.memory.get, *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._first(super().set, self.memory.set, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._first(super().delete, self.memory.delete, *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._first(super().incr, self.memory.incr, *args, **kwargs)

    def _first(
        self, redis: Callable[..., Any], memory: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        try:
            return redis(*args, **kwargs)
        except (RedisError, OSError):
            return memory(*args, **kwargs)
