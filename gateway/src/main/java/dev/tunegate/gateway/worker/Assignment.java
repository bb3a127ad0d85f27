package dev.tunegate.gateway.worker;

import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.tasks.Task;

/** A job and what was last to be done for it, both as they stand in a transaction that has locked the job. */
record Assignment(Job job, Task task) {}
