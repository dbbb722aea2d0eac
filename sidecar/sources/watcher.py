"""Being told that something changed, at no cost while nothing does.

Owns: `Signal`, the `Watcher` protocol, its two backends and the slow reconcile scan.
Never: says what changed or reads content: a signal means "look again", and looking twice is always right.
Invariant: after a change a signal fires: at once through the backend, else (overflow, lost event) by the next scan.
"""

from __future__ import annotations

import sys
from abc import abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import anyio

if TYPE_CHECKING:
    from types import TracebackType

    from anyio.abc import TaskGroup
    from asyncinotify import Event, Inotify, Watch

RECONCILE_SECONDS = 60.0
"""Everything is looked at once in this time, whether or not an event came."""
PORTABLE_RECONCILE_SECONDS = 1.0
"""For the portable backend, which polls anyway, and misses what happens while its paths change."""
POLL_MILLISECONDS = 200


class Signal:
    """Fires when something changed; stays fired until somebody waited for it."""

    __slots__ = ("_event", "folder", "name")

    def __init__(self, folder: Path, name: str | None) -> None:
        self._event = anyio.Event()
        self.folder = folder
        self.name = name

    def fire(self) -> None:
        """Wake whoever waits, or the next who will."""
        self._event.set()

    async def wait(self) -> None:
        """Return once something changed since the last return."""
        await self._event.wait()
        self._event = anyio.Event()


class Watcher(Protocol):
    """Watches folders and files, existing or not, until it is left. Used as an async context manager."""

    def folder(self, path: Path) -> Signal:
        """Fires when a direct child of `path` changes, comes or goes, or the folder itself does."""
        ...

    def file(self, path: Path) -> Signal:
        """Fires when the file at `path` changes, comes or goes."""
        ...

    def forget(self, signal: Signal) -> None:
        """Stop firing `signal`."""
        ...

    async def __aenter__(self) -> Self:
        """Begin."""
        ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        """Stop."""
        ...


def open_watcher(backend: str = "auto") -> Watcher:
    """Backends: "inotify" (Linux), "watchfiles", "polling" (network file systems); "auto" is what costs least here."""
    if backend == "inotify" or (backend == "auto" and sys.platform == "linux"):
        return InotifyWatcher()
    return WatchfilesWatcher(polling=backend == "polling")


class _Registry:
    """Who wants to know about which folder and name, and the one timer of the reconcile scan."""

    _reconcile_seconds = RECONCILE_SECONDS

    def __init__(self) -> None:
        self._signals: dict[Path, dict[str | None, set[Signal]]] = {}
        self._tasks: TaskGroup

    def folder(self, path: Path) -> Signal:
        return self._add(Signal(path, None))

    def file(self, path: Path) -> Signal:
        return self._add(Signal(path.parent, path.name))

    def forget(self, signal: Signal) -> None:
        names = self._signals.get(signal.folder, {})
        names.get(signal.name, set()).discard(signal)
        if signal.name in names and not names[signal.name]:
            del names[signal.name]
        if signal.folder in self._signals and not names:
            del self._signals[signal.folder]
            self._released(signal.folder)

    async def __aenter__(self) -> Self:
        self._tasks = await anyio.create_task_group().__aenter__()
        self._tasks.start_soon(self._reconcile)
        self._tasks.start_soon(self._run)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        self._tasks.cancel_scope.cancel()
        return await self._tasks.__aexit__(kind, error, trace)

    @abstractmethod
    async def _run(self) -> None: ...

    @abstractmethod
    def _wanted(self, folder: Path) -> None:
        """Somebody wants to know about `folder` for the first time."""

    @abstractmethod
    def _released(self, folder: Path) -> None:
        """Nobody wants to know about `folder` any more."""

    def _add(self, signal: Signal) -> Signal:
        new = signal.folder not in self._signals
        self._signals.setdefault(signal.folder, {}).setdefault(signal.name, set()).add(signal)
        if new:
            self._wanted(signal.folder)
        return signal

    def _fire(self, folder: Path, name: str | None) -> None:
        """Something happened to `name` in `folder`; None: to the folder itself."""
        names = self._signals.get(folder, {})
        for key, signals in names.items():
            if name is None or key is None or key == name:
                for signal in signals:
                    signal.fire()

    def _fire_all(self) -> None:
        for folder in self._signals:
            self._fire(folder, None)

    async def _reconcile(self) -> None:
        while True:
            await anyio.sleep(self._reconcile_seconds)
            self._look_again()
            self._fire_all()

    def _look_again(self) -> None:
        """Try once more to watch what could not be watched."""


class InotifyWatcher(_Registry):
    """Linux: the kernel tells. A folder that is not there is watched through its nearest parent that is."""

    def __init__(self) -> None:
        super().__init__()
        self._inotify: Inotify
        self._watches: dict[Path, Watch] = {}
        """By the folder really watched."""
        self._stand_ins: dict[Path, set[Path]] = {}
        """Missing folders by the parent that is watched in their place."""

    async def __aenter__(self) -> Self:
        from asyncinotify import Inotify  # noqa: PLC0415 - exists on Linux only

        self._inotify = Inotify(cache_size=64)
        return await super().__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        try:
            return await super().__aexit__(kind, error, trace)
        finally:
            self._inotify.close()

    async def _run(self) -> None:
        async for event in self._inotify:
            self._take(event)

    def _take(self, event: Event) -> None:
        from asyncinotify import Mask  # noqa: PLC0415 - as above

        if event.mask & Mask.Q_OVERFLOW:
            self._fire_all()
            return
        folder = event.watch.path if event.watch is not None else None
        if folder is None:
            return
        if event.mask & (Mask.IGNORED | Mask.DELETE_SELF | Mask.MOVE_SELF | Mask.UNMOUNT):
            self._lost(folder, event)
            return
        self._fire(folder, str(event.name) if event.name is not None else None)
        if folder in self._stand_ins and event.name is not None and event.mask & (Mask.CREATE | Mask.MOVED_TO):
            self._came(folder, folder / event.name)

    def _came(self, stand_in: Path, path: Path) -> None:
        """Something appeared on the way to folders that were missing: move their watch nearer."""
        for missing in [wanted for wanted in self._stand_ins[stand_in] if path in (wanted, *wanted.parents)]:
            self._stand_ins.get(stand_in, set()).discard(missing)
            self._arm(missing)
            self._fire(missing, None)
        if not self._stand_ins.get(stand_in):
            self._stand_ins.pop(stand_in, None)
            self._drop(stand_in)

    def _lost(self, folder: Path, event: Event) -> None:
        """The watched folder is gone or is another one now: watch whatever stands at its path."""
        from asyncinotify import Mask  # noqa: PLC0415 - as above

        watch = self._watches.get(folder)
        if watch is None or watch is not event.watch:
            return
        del self._watches[folder]
        if not event.mask & Mask.IGNORED:
            with suppress(OSError):  # the kernel took it away with the folder
                self._inotify.rm_watch(watch)
        for path in {folder} & set(self._signals) | self._stand_ins.pop(folder, set()):
            self._arm(path)
            self._fire(path, None)

    def _wanted(self, folder: Path) -> None:
        self._arm(folder)

    def _released(self, folder: Path) -> None:
        for stand_in, missing in list(self._stand_ins.items()):
            missing.discard(folder)
            if not missing:
                del self._stand_ins[stand_in]
                self._drop(stand_in)
        self._drop(folder)

    def _look_again(self) -> None:
        stood_in = set().union(*self._stand_ins.values()) if self._stand_ins else set()
        for folder in self._signals:
            if folder not in self._watches and folder not in stood_in:
                self._arm(folder)

    def _arm(self, folder: Path) -> None:
        """Watch `folder` or its nearest existing parent. Past the kernel's limits the scan alone serves it."""
        from asyncinotify import Mask  # noqa: PLC0415 - as above

        mask = (
            Mask.MODIFY | Mask.CLOSE_WRITE | Mask.CREATE | Mask.DELETE | Mask.MOVED_FROM | Mask.MOVED_TO
            | Mask.DELETE_SELF | Mask.MOVE_SELF | Mask.ONLYDIR
        )  # fmt: skip
        for path in (folder, *folder.parents):
            if path not in self._watches:
                try:
                    self._watches[path] = self._inotify.add_watch(path, mask)
                except (FileNotFoundError, NotADirectoryError):
                    continue
                except OSError:
                    return
            if path != folder:
                self._stand_ins.setdefault(path, set()).add(folder)
                nearer = path / folder.relative_to(path).parts[0]
                if nearer.is_dir():  # it came between the look at it and the watch on its parent: no event tells
                    self._came(path, nearer)
            return

    def _drop(self, folder: Path) -> None:
        """Stop watching `folder` if nobody needs it."""
        if folder in self._watches and folder not in self._signals and folder not in self._stand_ins:
            with suppress(OSError):  # the kernel took it away with the folder
                self._inotify.rm_watch(self._watches.pop(folder))


class WatchfilesWatcher(_Registry):
    """Everywhere else: watchfiles, by the system's own events or by polling."""

    _reconcile_seconds = PORTABLE_RECONCILE_SECONDS

    def __init__(self, *, polling: bool = False) -> None:
        super().__init__()
        self._polling = polling
        self._changed = anyio.Event()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        # Its thread cannot be cancelled, only asked to come back.
        self._changed.set()
        return await super().__aexit__(kind, error, trace)

    def _wanted(self, folder: Path) -> None:  # noqa: ARG002 - any change of the set restarts the watch
        self._changed.set()

    def _released(self, folder: Path) -> None:  # noqa: ARG002 - as above
        self._changed.set()

    def _look_again(self) -> None:
        if self._existing() != self._watched:
            self._changed.set()

    _watched: frozenset[Path] = frozenset()

    def _existing(self) -> frozenset[Path]:
        return frozenset(folder for folder in self._signals if folder.is_dir())

    async def _run(self) -> None:
        from watchfiles import awatch  # noqa: PLC0415 - a native library the other backend does not need

        while True:
            self._changed = anyio.Event()
            self._watched = self._existing()
            if not self._watched:
                await self._changed.wait()
                continue
            try:
                async for changes in awatch(
                    *self._watched,
                    watch_filter=None,
                    recursive=False,
                    step=50,
                    debounce=100,
                    stop_event=self._changed,
                    force_polling=self._polling,
                    poll_delay_ms=POLL_MILLISECONDS,
                    ignore_permission_denied=True,
                ):
                    for _, changed in changes:
                        path = Path(changed)
                        self._fire(path.parent, path.name)
                        if path in self._signals:
                            self._fire(path, None)
            except FileNotFoundError:
                continue
            self._fire_all()
