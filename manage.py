#!/usr/bin/env python
"""Django's command line. Without DATABASE_URL or REDIS_URL it starts the embedded servers, unless
they run already; they stop by themselves when the last program that uses them ends.
"""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocop_portal.settings")
    from django.core.management import execute_from_command_line

    from ocop_portal.laptop.installation import LaptopError, ensure_started

    try:
        uses = ensure_started(command="".join(sys.argv[1:2]))
    except (LaptopError, OSError) as problem:
        sys.exit(str(problem))
    execute_from_command_line(sys.argv)
    del uses  # kept until here: these locks say that the servers are needed


if __name__ == "__main__":
    main()
