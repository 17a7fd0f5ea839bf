#!/usr/bin/env bash
# What became of a job, for Snakemake: running, success or failed. Usage: status.sh JOB
job=$1

said=$(squeue --noheader --states=all --jobs="$job" --format=%T 2>&1)
code=$?
if [ $code -ne 0 ] && [[ $said != *"Invalid job id"* ]]; then
    said=PENDING # the controller does not answer: it may come back
elif [ $code -ne 0 ] || [ -z "$said" ]; then
    # squeue forgets soon what has ended (MinJobAge); accounting remembers, where there is any
    said=$(sacct --allocations --noheader --parsable2 --jobs="$job" --format=State 2>/dev/null)
fi

case $(head -n 1 <<<"$said") in
    COMPLETED) echo success ;;
    PENDING | CONFIGURING | RUNNING | COMPLETING | SUSPENDED | REQUEUED | REQUEUE_* | RESIZING | \
        STAGE_OUT | STOPPED | SIGNALING | SPECIAL_EXIT | PREEMPTED) echo running ;;
    *) echo failed ;; # also if nobody knows it any more: what it left undone is done again
esac
