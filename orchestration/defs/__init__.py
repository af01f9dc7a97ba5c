"""Dagster: assets, checks, jobs, schedules and sensors over the plain modules beside this package.

Belongs here: wiring. Does not belong here: any work of the pipeline, which runs without Dagster too.
"""
