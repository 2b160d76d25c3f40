/* A build log as findings: cause before consequence, each at its place in the profile.
 *
 * The log is read as a stream, in memory that does not grow with it: the steps apart, the last lines of each,
 * and a limited number of matches of the rules (SW_MAX_LOG_… in base/limits.h). The log may come from an
 * engine, by events, or be any text, whoever wrote it. Each line is freed of the prefixes that tools put in
 * front (line_internal.h) and scanned once for the fixed texts of all rules (literal_scan_internal.h); only
 * if such a text is found, the rule's pattern is tried.
 *
 * Readers (reader_internal.h) make facts of lines: tracebacks, messages of errors, programs that were killed. The cause
 * is the fact that the failure hangs on (cause.c): the fact nearest to the end that was not overcome, and from there back
 * to the deepest. Within a fact the rules decide; if no rule knows the cause, the finding is SW399, in the fact's own words.
 * A rule's match does not count if its step ended well after it, unless the rule says so (`survives`). */
#ifndef SLIPWAY_DIAGNOSE_DIAGNOSIS_H
#define SLIPWAY_DIAGNOSE_DIAGNOSIS_H

#include "base/cancel.h"
#include "base/event.h"
#include "base/finding.h"
#include "base/limits.h"
#include "data/node.h"
#include "diagnose/rules.h"

struct sw_diagnosis;

/* The rules must outlive the diagnosis; NULL stands for the built-in rules, read when the first line comes.
 * NULL without memory. */
struct sw_diagnosis *sw_diagnosis_new(const struct sw_rules *rules) SW_NODISCARD;
void sw_diagnosis_free(struct sw_diagnosis *diagnosis); /* takes NULL */

/* More of the log: any bytes, in any pieces. `step` tells interleaved outputs apart; empty for a plain log.
 */
void sw_diagnosis_feed(struct sw_diagnosis *diagnosis, struct sw_str step, struct sw_str bytes);
/* A reader of a build's events: steps, their output, and why they failed. */
struct sw_sink sw_diagnosis_sink(struct sw_diagnosis *diagnosis);
/* Read a file, a pipe or a terminal to the end. An unreadable file is SW_EINPUT; `name` is for the error.
 * `cancel` may be NULL. */
int sw_diagnosis_read(struct sw_diagnosis *diagnosis, int fd, const char *name,
                      const struct sw_cancel *cancel, struct sw_error *error) SW_NODISCARD;

enum sw_log_outcome {
    /* The log itself must show if it failed. */
    SW_OUTCOME_UNKNOWN,
    /* There will be a finding: SW399 if no rule knows the cause. */
    SW_OUTCOME_FAILED,
    /* Only matches of rules with `survives` count. */
    SW_OUTCOME_PASSED,
};

/* Return how many of the profile's own words stand in the names of the log's steps: its base image and its requirements, and its
 * commands, which count twice. */
unsigned sw_diagnosis_likeness(const struct sw_diagnosis *diagnosis, const struct sw_node *profile);

/* End the log: add its findings to `out`, the causes first. `profile` gives places and fixes their ground;
 * NULL for a foreign log. Call once. */
int sw_diagnosis_finish(struct sw_diagnosis *diagnosis, const struct sw_node *profile,
                        enum sw_log_outcome outcome, struct sw_findings *out,
                        struct sw_error *error) SW_NODISCARD;

/* Parts of a log that nobody judged. */
struct sw_unjudged {
    /* False if there is a finding about an error, or if the log says that it ended well and has no error. */
    bool any;
    /* The errors after which the log goes on and does not say how it ended. */
    size_t errors;
    /* The line of the last error, else the last line that speaks of a failure, else the last line; 0 if the log has none. */
    uint64_t line;
    char words[SW_MAX_LOG_FACT_WORDS];
};
/* After sw_diagnosis_finish(). */
const struct sw_unjudged *sw_diagnosis_unjudged(const struct sw_diagnosis *diagnosis);

/* The count of the matches of the rule with this id, before causes are weighed: for tests and for the
 * curious. */
size_t sw_diagnosis_matches(const struct sw_diagnosis *diagnosis, const char *id);
uint64_t sw_diagnosis_lines(const struct sw_diagnosis *diagnosis); /* read so far */

#endif
