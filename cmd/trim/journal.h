/* The journal trim.json names every file that was changed, removed, or left although it holds GPU code, with its digests.
 *
 *     {"version": 1, "for": ["9.0"], "files": [
 *     {"file": "/opt/venv/…/libtorch_cuda.so", "project": "torch", "before": {"sha256": "…", "size": 1}, "after": {…},
 *      "code": {"before": 1, "after": 1}, "kept": ["sm_90"], "dropped": ["sm_80"]},
 *     {"file": "…", "project": "…", "before": {…}, "after": null, "reason": "headers"},
 *     {"file": "…", "project": "…", "before": {…}, "left": "a fat binary is damaged, at byte 64"}]}
 *
 * Each file has a line of its own, by path. The digests are those of RECORD: URL-safe base64 without padding. A program that runs
 * again adds to its earlier journal. */
#ifndef SLIPWAY_TRIM_JOURNAL_H
#define SLIPWAY_TRIM_JOURNAL_H

#include "record.h"
#include "trim/trimming.h"

#include <stdio.h>

enum { JOURNAL_MOST_ENTRIES = 1 << 16, JOURNAL_LONGEST_LINE = 8192, JOURNAL_MOST_BYTES = 12 << 20 };

struct journal_entry {
    char *path, *line;
    /* The digest as RECORD spells it; empty if the file is gone or was left. */
    char after[RECORD_DIGEST_SIZE];
    uint64_t size;
    bool gone, left;
    bool is_new; /* of this run */
};

struct journal {
    struct journal_entry *entries; /* by path */
    size_t count, room;
    /* The GPUs of the earlier runs; none if there was no earlier run. */
    struct sw_device_targets targets;
};

void journal_release(struct journal *journal);
/* Read the journal of an earlier run; a file that is not there is an empty journal. Return NULL, or the text of a fault. */
const char *journal_read(struct journal *journal, const char *path);
/* Find the entry of a file; NULL if there is none. */
const struct journal_entry *journal_find(const struct journal *journal, const char *path);

/* Forget an earlier run's entry of a file. */
void journal_forget(struct journal *journal, const char *path);

/* A file that was written anew, removed or left. `before` is its line in RECORD. Each returns false without memory. */
bool journal_add_changed(struct journal *journal, const char *path, const char *project,
                         const struct record_line *before, const struct sw_trimming *library,
                         const char *digest, uint64_t size);
bool journal_add_removed(struct journal *journal, const char *path, const char *project,
                         const struct record_line *before, const char *reason);
bool journal_add_left(struct journal *journal, const char *path, const char *project,
                      const struct record_line *before, const char *why);

void journal_write(FILE *to, const struct journal *journal, const struct sw_device_targets *targets);

#endif
