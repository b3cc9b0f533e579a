from velluto.jobs.models import Job as Job
