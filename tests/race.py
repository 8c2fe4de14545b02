"""One process saves a job's record repeatedly, while two others read it.

    python race.py EXTENSION STATE SAVES

EXTENSION is the folder of the extension, STATE an empty folder. Prints one line of JSON: the number
of saves and reads, the saves that failed, the reads that failed, and the files left behind.
"""

import json
import runpy
import subprocess
import sys
import time
from pathlib import Path

READERS = 2
PAUSE = 0.005  # seconds between two reads: without it, a reader would keep the file open


def main(extension: str, state: str, *more: str) -> None:
    runpy.run_path(str(Path(extension, "bootstrap.py")))["provide"]()
    from renderjuice.jobs.store import Store
    from renderjuice.system import sharing

    sharing.be_patient()  # as the worker does
    store = Store(Path(state))
    if more[0] == "read":
        read(store, more[1])
    else:
        write(store, int(more[0]), [sys.executable, __file__, extension, state, "read"])


def write(store, saves: int, reader: list[str]) -> None:
    from renderjuice.jobs import record as rec

    record = rec.new("shot", store.origin, "frames")
    record.files = {f"{number:04}.png": 1000 for number in range(300)}
    store.save(record)
    readers = [
        subprocess.Popen([*reader, record.id], stdout=subprocess.PIPE, text=True)
        for _ in range(READERS)
    ]
    for process in readers:
        assert process.stdout.readline() == "reads\n"
    refused = []
    for number in range(saves):
        record.notes = [str(number)]
        try:
            store.save(record)
        except OSError as error:
            refused.append(repr(error))
    (store.folder / "stop").touch()
    said = [json.loads(process.communicate()[0]) for process in readers]
    left = sorted(path.name for path in store.folder.glob(".*"))
    found = {"saves": saves, "refused": refused, "left": left, "readers": said}
    found["last"] = store.load(record.id).notes
    print(json.dumps(found), flush=True)


def read(store, job: str) -> None:
    print("reads", flush=True)
    reads, wrong = 0, []
    while not (store.folder / "stop").exists():
        wrong += [repr(one) for one in store.read([job]) if isinstance(one, Exception)]
        reads += 1
        time.sleep(PAUSE)
    print(json.dumps({"reads": reads, "wrong": wrong}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
