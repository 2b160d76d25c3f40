/* Fixes of findings, tried one by one on a profile in memory: each is kept only if `check` then finds no error that it
 * did not find before, in this profile and in those that share a changed parent. */
#ifndef SLIPWAY_PROJECT_FIXING_H
#define SLIPWAY_PROJECT_FIXING_H

#include "profile/fix.h"
#include "project/prepared.h"

/* The outcome of a finding's fix. */
struct sw_tried_fix {
    const struct sw_finding *finding; /* a copy in `told` */
    const char *why_not;              /* NULL: applied */
    struct sw_texts files;            /* files that the fix changed */
};

struct sw_fixing {
    struct sw_project *project;
    const struct sw_catalog *catalog;
    const char *path; /* of the profile's own file */
    /* The changed files will be copies, so that other profiles with a shared parent are not concerned. */
    bool copied;
    struct sw_fix fix;
    struct sw_findings told;
    struct sw_tried_fix *tried; /* in the project's arena */
    size_t count;
    struct sw_findings left; /* check's findings with the fixes so far */
};

void sw_fixing_init(struct sw_fixing *fixing, struct sw_project *project, const struct sw_catalog *catalog,
                    const char *path);
void sw_fixing_release(struct sw_fixing *fixing); /* takes NULL and a zeroed fixing */
#define SW_FIXING_AUTO SW_CLEANUP(sw_fixing_release) struct sw_fixing

/* Try every fix of `seeds` (findings of a build's log; may be NULL) from number `first` on, then the fixes of
 * check's findings, as long as check finds more, if the findings are of `severity` or worse. No fix is tried
 * twice, and the fix of a seed does not replace another fix of this run. */
int sw_fixing_run(struct sw_fixing *fixing, const struct sw_findings *seeds, size_t first,
                  enum sw_severity severity, struct sw_error *error) SW_NODISCARD;

/* Write the files, for one build or command at a time: SW_ENO if another process has changed a file since it
 * was read. */
int sw_fixing_write(struct sw_fixing *fixing, struct sw_error *error) SW_NODISCARD;

/* Count the applied fixes among the tried fixes from `first` on. */
size_t sw_fixing_applied(const struct sw_fixing *fixing, size_t first);
/* Return true if the fix of this finding was tried. */
bool sw_fixing_knows(const struct sw_fixing *fixing, const struct sw_finding *finding);

#endif
