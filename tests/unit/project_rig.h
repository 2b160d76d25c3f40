/* A project in a new folder, with variables of its own, for the suites of lib/project. */
#ifndef SLIPWAY_TESTS_PROJECT_RIG_H
#define SLIPWAY_TESTS_PROJECT_RIG_H

#include "unit.h"

#include "base/buffer.h"
#include "history/facts.h"
#include "history/history.h"
#include "project/project.h"

#include <limits.h>

enum { PROJECT_MOST_VARIABLES = 16 };

struct project_rig {
    struct sw_arena arena;
    struct sw_cancel cancel;
    char folder[PATH_MAX];
    const char *environment[PROJECT_MOST_VARIABLES + 1];
    struct sw_project project;
    /* The texts that the project's sink got, a line each. */
    struct sw_buffer told;
};

int project_rig_make(void **state);
int project_rig_remove(void **state);

/* Set a variable, "NAME=value". */
void project_set(struct project_rig *rig, const char *variable);
/* The path of a file of the project. */
const char *project_in(struct project_rig *rig, const char *name);
/* Write a file of the project, with its folder. */
void project_write(struct project_rig *rig, const char *name, const char *text);
/* The text of a file of the project. */
const char *project_read(struct project_rig *rig, const char *name);
/* Run a shell command in the project's folder; it must succeed. */
void project_sh(struct project_rig *rig, const char *command);

/* The digest "sha256:…" of 64 times this digit. */
const char *project_digest(struct project_rig *rig, char digit);
/* Facts of a verified build of the profile "demo" in slipway/demo.yaml, whose image is project_digest() of this digit. */
struct sw_record_facts project_facts(struct project_rig *rig, char digit);
/* Append a record of "demo" with these facts, in which the first file has this text. */
struct sw_record project_record(struct project_rig *rig, struct sw_history *history,
                                const struct sw_record_facts *facts, const char *text);

#endif
