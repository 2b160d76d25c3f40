/* The profiles of tests/stacks/index_test.py, link_test.py and tests/cases/stack, judged within this process: see tests/stacks/rows.py,
 * which also serves the indexes that they ask. */
#ifndef SLIPWAY_TESTS_JUDGED_RIG_H
#define SLIPWAY_TESTS_JUDGED_RIG_H

#include "project_rig.h"

#include "author/draft.h"
#include "catalog/catalog.h"
#include "project/prepared.h"

#include <sys/types.h>

struct judged {
    struct sw_arena arena;
    struct sw_catalog catalog;
    const struct sw_node *rows;
    /* The draft that the last prepared stack points into. */
    struct sw_draft *draft;
    pid_t server;
    /* The server ends when this pipe ends. */
    int server_input;
    /* All that is said of each row. */
    struct sw_buffer answers;
};

int judged_start(void **state);
int judged_stop(void **state);

/* A text of a row; NULL if the row has none of this key. */
const char *judged_text(const struct sw_node *row, const char *key);
/* A project of its own for the profile of a row, which is p.yaml, or for its file. */
struct project_rig *judged_project(const struct sw_node *row);
/* Prepare the stack of the row's profile or file. */
int judged_prepare(struct sw_prepared *prepared, struct project_rig *rig, struct judged *judged,
                   const struct sw_node *row, struct sw_findings *findings, struct sw_error *error);

#endif
