/* The shipped rules and the logs of tests/logs, for the suites of lib/diagnose. */
#ifndef SLIPWAY_TESTS_LOG_RIG_H
#define SLIPWAY_TESTS_LOG_RIG_H

#include "base/arena.h"
#include "diagnose/diagnosis.h"

/* The shipped rules, from log_rules_load() to log_rules_unload(): a suite's set-up and its end. */
extern struct sw_rules *log_rules;
int log_rules_load(void **state);
int log_rules_unload(void **state);

/* The path of a file of tests/logs. */
const char *log_path(struct sw_arena *arena, const char *name);
/* The text of a list of logs, a file of tests/logs. */
struct sw_str log_list(struct sw_arena *arena, const char *name);
/* Cut the next line off a list, past lines that are empty or comments; false at the end. */
bool log_list_next(struct sw_str *line, struct sw_str *rest);

#endif
