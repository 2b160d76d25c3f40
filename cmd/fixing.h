/* Fixes of findings, tried one by one on a profile in memory: each is kept only if `check` then finds no error that it
 * did not find before, in this profile and in those that share a changed parent. */
#ifndef SLIPWAY_CMD_FIXING_H
#define SLIPWAY_CMD_FIXING_H

#include "prepare.h"

/* The outcome of a finding's fix. */
struct fate {
    const struct sw_finding *finding; /* a copy in `told` */
    const char *why_not;              /* NULL: applied */
    struct sw_texts files;            /* files that the fix changed */
};

struct fixing {
    struct session *session;
    const struct sw_catalog *catalog;
    const char *path; /* of the profile's own file */
    /* The changed files will be copies, so that other profiles with a shared parent are not concerned. */
    bool copied;
    struct sw_fix fix;
    struct sw_findings told;
    struct fate *fates; /* in the session's arena */
    size_t count;
    struct sw_findings left; /* check's findings with the fixes so far */
};

void fixing_init(struct fixing *fixing, struct session *session, const struct sw_catalog *catalog,
                 const char *path);
void fixing_release(struct fixing *fixing); /* takes NULL and a zeroed fixing */
#define FIXING_AUTO SW_CLEANUP(fixing_release) struct fixing

/* Try every fix of `seeds` (findings of a build's log; may be NULL) from number `first` on, then the fixes of
 * check's findings, as long as check finds more, if the findings are of `severity` or worse. No fix is tried
 * twice, and the fix of a seed does not replace another fix of this run. */
int fixing_run(struct fixing *fixing, const struct sw_findings *seeds, size_t first,
               enum sw_severity severity, struct sw_error *error);

/* Write the files, for one build or command at a time: SW_ENO if another process has changed a file since it
 * was read. */
int fixing_write(struct fixing *fixing, struct sw_error *error);

/* Count the applied fixes among the fates from `first` on. */
size_t fixing_applied(const struct fixing *fixing, size_t first);
/* Return true if `fixing` holds the fate of this finding. */
bool fixing_knows(const struct fixing *fixing, const struct sw_finding *finding);
/* Print findings with the outcomes of their fixes, from `first` on, as text beside the result. */
void fixing_tell(const struct fixing *fixing, size_t first);
/* [{"finding", "applied", "files", "why"}] */
struct sw_node *fixing_json(struct sw_builder *b, const struct fixing *fixing, size_t first);

#endif
