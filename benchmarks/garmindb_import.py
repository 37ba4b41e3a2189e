"""GarminDB's own import of a folder of FIT activities; run by `bulk_import.py` with a Python that has ``garmindb``.

    python benchmarks/garmindb_import.py FOLDER DATABASES

The call is that of ``garmindb_cli.py --import``: every activity file read by its FIT library, its samples, laps and
session written to SQLite. Prints one JSON line: files, samples in the database, seconds of the import alone.
"""

import json
import os
import sqlite3
import sys
import time
from pathlib import Path


def main(folder: str, databases: str) -> None:
    os.environ["HOME"] = databases  # it writes a log and settings there
    import fitfile
    from garmindb import ActivityFitFileProcessor, GarminActivitiesFitData, PluginManager
    from idbutils import DbParams

    where = DbParams(db_type="sqlite", db_path=databases)
    plugins = Path(databases) / "plugins"
    plugins.mkdir()
    found = GarminActivitiesFitData(folder, False, fitfile.field_enums.DisplayMeasure.metric, 0)
    started = time.perf_counter()
    found.process_files(ActivityFitFileProcessor(where, PluginManager(str(plugins) + os.sep, where), 0))
    seconds = time.perf_counter() - started
    with sqlite3.connect(Path(databases) / "garmin_activities.db") as database:
        samples = database.execute("SELECT count(*) FROM activity_records").fetchone()[0]
    print(json.dumps({"files": found.file_count(), "samples": samples, "seconds": seconds}))


main(*sys.argv[1:])
