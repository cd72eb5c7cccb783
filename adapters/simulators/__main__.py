"""Runs the far systems as a process of their own: ``python -m adapters.simulators``."""

import logging
import os
import signal
import sys
import threading
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from waitress.server import create_server as create_wsgi_server

from adapters.operations_file import load_registry
from adapters.signing import secret_bytes
from adapters.simulators import seed
from adapters.simulators.callbacks import Postman
from adapters.simulators.clock import FarClock
from adapters.simulators.desk import Desk
from adapters.simulators.dispatcher import Dispatcher, HttpDelivery
from adapters.simulators.server import create_server
from adapters.simulators.sqlite_store import SqliteDatabase
from adapters.simulators.store import Store

SECRET_VARIABLE: Final = "YIZHAN_CALLBACK_SECRET"  # noqa: S105 - a name, not a secret
#: For tests of `yizhan up --demo`, which starts the far systems without words of their own.
AMPLE_VARIABLE: Final = "YIZHAN_TEST_AMPLE_STOCK"
DEFAULT_SEED: Final = Path(__file__).parents[2] / "app" / "seed" / "data"
_THREADS: Final = 8  # a call that is slow on purpose holds one


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until the process is told to stop."""
    options = _options(argv)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    options.db.parent.mkdir(parents=True, exist_ok=True)
    database = SqliteDatabase(options.db)
    clock = FarClock(database)
    secrets = [secret_bytes(text) for text in options.callback_secret.split()]
    postman = Postman(database=database, secrets=secrets, deliver=HttpDelivery())
    dispatcher = Dispatcher(postman, clock)
    desk = Desk(
        database=database,
        registry=load_registry(options.operations),
        callback_delay_s=options.callback_delay,
        delays_s=dict(options.callback_delay_for),
        is_ample=options.ample_stock,
        wake=dispatcher.wake,
    )
    refill = partial(_fill, {} if options.no_seed else seed.read_folder(options.seed_dir))
    with database.transaction() as store:
        refill(store)
    server = create_wsgi_server(
        create_server(desk, postman, clock, refill=refill),
        host=options.host,
        port=options.port,
        threads=options.threads,
        ident="far",
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, partial(_stop, server))
    dispatcher.start()
    if options.end_with_stdin:
        threading.Thread(target=_end_with_stdin, name="stdin", daemon=True).start()
    print(f"far systems at http://{options.host}:{server.effective_port}", flush=True)
    server.run()
    dispatcher.stop()
    return 0


def _end_with_stdin() -> None:
    """Ask for the end when whoever started this process has gone, however that happened: its pipe closes then."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _stop(server: Any, *_: object) -> None:
    server.close()
    raise SystemExit(0)


def _fill(data: Mapping[str, Any], store: Store) -> None:
    """Load the stock into fresh books; books that were filled once are left as they are."""
    if store.get("meta", "seeded") is None:
        count = seed.load(store, data)
        store.put("meta", "seeded", {"documents": count})
        logging.getLogger(__name__).info("books filled with %d documents", count)


def _options(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m adapters.simulators", description=__doc__)
    parser.add_argument("--db", type=Path, required=True, help="file of the books")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, required=True, help="port to listen on; 0 = any, printed at start")
    parser.add_argument(
        "--callback-secret",
        default=os.environ.get(SECRET_VARIABLE, ""),
        help=f"signs callbacks; two words sign twice, for rotation (default: {SECRET_VARIABLE})",
    )
    parser.add_argument(
        "--seed-dir", type=Path, default=DEFAULT_SEED, help="folder of the stock (default: %(default)s)"
    )
    parser.add_argument("--threads", type=int, default=_THREADS, help="calls at the same time (default: %(default)s)")
    parser.add_argument("--end-with-stdin", action="store_true", help="end when standard input is closed")
    parser.add_argument("--no-seed", action="store_true", help="begin with empty books")
    parser.add_argument(
        "--ample-stock",
        action="store_true",
        default=os.environ.get(AMPLE_VARIABLE) == "1",
        help="make up more stock instead of running out",
    )
    parser.add_argument("--operations", type=Path, help="another registry of operations")
    parser.add_argument(
        "--callback-delay", type=float, default=0.3, help="seconds to a callback (default: %(default)s)"
    )
    parser.add_argument(
        "--callback-delay-for",
        type=_delay,
        action="append",
        default=[],
        metavar="OPERATION=SECONDS",
        help="another delay for one operation; may be given again",
    )
    options = parser.parse_args(argv)
    if not options.callback_secret.strip():
        parser.error(f"--callback-secret or {SECRET_VARIABLE} is needed")
    return options


def _delay(text: str) -> tuple[str, float]:
    code, _, seconds = text.partition("=")
    try:
        return code, float(seconds)
    except ValueError as exc:
        raise ArgumentTypeError(f"{text}: OPERATION=SECONDS is expected") from exc


if __name__ == "__main__":
    sys.exit(main())
