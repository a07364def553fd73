"""The job process: APScheduler calls ``run_once`` of each job at its times."""
