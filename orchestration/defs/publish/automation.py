"""The refresh job, its daily schedule and the inbox sensor.

Belongs here: when a refresh runs. Does not belong here: what it does.
"""

import hashlib

import dagster as dg

from orchestration.collect import inbox_files
from orchestration.settings import Settings

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Pull, archive, land, gate, transform, gate and publish, in one process.",
)


def daily_refresh() -> dg.ScheduleDefinition:
    """The daily run, at the time and in the zone of the settings, on from the first start."""
    settings = Settings.from_env()
    return dg.ScheduleDefinition(
        name="daily_refresh",
        job=refresh,
        cron_schedule=settings.schedule_cron,
        execution_timezone=settings.schedule_timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        tags={"dualuse/trigger": "schedule"},
        description="Daily refresh; DUALUSE_SCHEDULE_CRON and DUALUSE_SCHEDULE_TIMEZONE set when.",
    )


@dg.sensor(
    job=refresh,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="A refresh for each new set of files in the inbox.",
)
def inbox_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for one run per state of the inbox, so that files waiting for an option do not loop."""
    settings = Settings.from_env()
    files = inbox_files(settings)
    if not files:
        return dg.SkipReason("the inbox is empty")
    state = "\n".join(f"{path}:{path.stat().st_mtime_ns}:{path.stat().st_size}" for path in files)
    key = hashlib.sha256(state.encode()).hexdigest()
    return dg.RunRequest(run_key=key, tags={"dualuse/trigger": "inbox"})


@dg.definitions
def automation() -> dg.Definitions:
    """Job, schedule and sensor."""
    return dg.Definitions(jobs=[refresh], schedules=[daily_refresh()], sensors=[inbox_sensor])
