-- Where the time of a job's training went, in seconds, over all of its attempts that said so at their end.
alter table jobs add column timings jsonb check (jsonb_typeof(timings) = 'object');
