"""The job process: APScheduler calls ``run_once`` of each job at its times.

Imported by: nothing; it is a program: ``python -m jobs``.
Start with: ``scheduler.py`` (the list of times), then ``runs.py`` and any job, such as
``poll_orders.py``.
"""
