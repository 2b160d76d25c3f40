/* Fixes of findings, tried one by one on a profile in memory: each is kept only if `check` then finds no error that it
 * did not find before, in this profile and in those that share a changed parent. */
#ifndef SLIPWAY_CMD_FIXING_H
#define SLIPWAY_CMD_FIXING_H

#include "prepare.h"

/* What became of one finding's fix. */
struct fate {
    const struct sw_finding *finding; /* a copy in `told` */
    const char *why_not;              /* NULL: applied */
    struct text_list files;           /* where it was applied */
};

struct fixing {
    struct session *session;
    const struct sw_catalog *catalog;
    const char *path; /* of the profile's own file */
    bool copied;      /* its files will be others: who shares a parent with it is not concerned */
    struct sw_fix fix;
    struct sw_findings told;
    struct fate *fates; /* in the session's arena */
    size_t count;
    struct sw_findings left; /* what check finds with the fixes so far */
};

void fixing_init(struct fixing *fixing, struct session *session, const struct sw_catalog *catalog,
                 const char *path);
void fixing_release(struct fixing *fixing); /* takes NULL and a zeroed one */
#define FIXING_AUTO SW_CLEANUP(fixing_release) struct fixing

/* Try every fix of `seeds` (of a build's log; may be NULL) from the one at `first` on, then of what check finds, and of
 * what it finds after that, as far as the findings are of `severity` or worse. No fix is tried twice, nor does a seed's go
 * over another of the same run. */
int fixing_run(struct fixing *fixing, const struct sw_findings *seeds, size_t first,
               enum sw_severity severity, struct sw_error *error);

/* Write the files, one build or command at a time: SW_ENO where another has changed one of them since it was read. */
int fixing_write(struct fixing *fixing, struct sw_error *error);

/* How many of the fates from `first` on were applied. */
size_t fixing_applied(const struct fixing *fixing, size_t first);
/* Does it hold the fate of this finding? */
bool fixing_knows(const struct fixing *fixing, const struct sw_finding *finding);
/* Findings with what became of their fixes, from `first` on, as text beside the result. */
void fixing_tell(const struct fixing *fixing, size_t first);
/* [{"finding", "applied", "files", "why"}] */
struct sw_node *fixing_json(struct sw_builder *b, const struct fixing *fixing, size_t first);

#endif
