/* The state of a diagnosis while it reads. */
#ifndef SLIPWAY_DIAGNOSE_DIAGNOSIS_INTERNAL_H
#define SLIPWAY_DIAGNOSE_DIAGNOSIS_INTERNAL_H

#include "diagnose/assemble_internal.h"
#include "diagnose/diagnosis.h"
#include "diagnose/hit_internal.h"
#include "diagnose/line_internal.h"

/* An output that is fed: its unfinished line, and the step of the lines that name no step. */
struct sw_log_stream {
    char key[80];
    size_t key_n;
    uint64_t used;
    char inner[48];
    size_t inner_n;
    /* The lines are those that buildx repeats of a failed step. */
    bool repeats;
    struct sw_assembler assembler;
};

/* The place of a failed instruction, as the engine shows it. */
struct sw_log_place {
    char file[200];
    unsigned line; /* 0: not shown */
};

struct sw_diagnosis {
    const struct sw_rules *rules; /* NULL: not read yet */
    /* The built-in rules, if this diagnosis has to free them. */
    struct sw_rules *built_in;
    struct sw_matcher *matcher; /* NULL: the rules are not in use yet */
    struct sw_steps steps;
    struct sw_log_stream *streams[SW_MAX_LOG_STEPS]; /* made as they are needed */
    struct sw_log_stream *stream;                    /* the stream that is fed */
    uint64_t clock, lines;
    uint64_t *owners; /* a set of rules and readers, for the scan */
    /* The set of the rules for faults that a tool gets over, and for its success. */
    uint64_t *course;
    size_t *matches; /* by rule */
    struct sw_hit *hits[SW_MAX_LOG_HITS];
    size_t hit_count;
    struct sw_hit *pending[SW_MAX_LOG_TAIL]; /* that still await lines */
    size_t pending_count;
    struct sw_facts facts;
    /* Made at the end, if nothing else tells of the failure. */
    struct sw_fact last_words;
    struct sw_unjudged unjudged;
    /* The log's last lines say that all went well. */
    bool ends_well;
    uint64_t failed_step; /* serial; 0: none is known to have failed */
    uint64_t last_step;   /* serial of the step of the last line */
    struct sw_log_place place;
    char scratch[SW_MAX_LOG_LINE];
};

/* Hold a line against the readers and the rules, and against the facts and hits that wait for more lines. Text that a
 * progress bar overwrote is not among these (examine.c). */
void sw_diagnosis_examine(struct sw_diagnosis *diagnosis, struct sw_step *step, struct sw_str text,
                          enum sw_line_end end);
/* End the step's fact and hits, as no more lines come for them. */
void sw_diagnosis_complete(struct sw_diagnosis *diagnosis, struct sw_step *step);
/* End the hits of steps that are no longer known. */
void sw_diagnosis_drop_pending(struct sw_diagnosis *diagnosis);
/* A tool tries again, or a shell does: mark the errors that were told in the few lines before. */
void sw_diagnosis_retry(struct sw_diagnosis *diagnosis, struct sw_step *step);
/* Mark all that the step told before as overcome. */
void sw_diagnosis_overcome(struct sw_diagnosis *diagnosis, struct sw_step *step);
void sw_diagnosis_pass_step(struct sw_diagnosis *diagnosis, struct sw_step *step);
void sw_diagnosis_fail_step(struct sw_diagnosis *diagnosis, struct sw_step *step);

/* The cause among facts and hits (cause.c). */
struct sw_cause {
    /* NULL if a rule matched outside of any fact, or if nothing tells of the failure. */
    const struct sw_fact *fact;
    /* NULL if no rule knows the fact. */
    struct sw_hit *hit;
    bool failed; /* the log tells of a failure */
};
/* `counts` says if a hit may become a finding, `self` is its own. */
struct sw_cause sw_diagnosis_cause(struct sw_diagnosis *diagnosis, enum sw_log_outcome outcome,
                                   bool (*counts)(const void *self, const struct sw_hit *hit),
                                   const void *self);

/* The last line that speaks of a failure, of the step that failed or spoke last: false if there is none (last_words.c). */
bool sw_last_words(struct sw_fact *out, const struct sw_diagnosis *diagnosis, bool failed);
/* The words behind a fact in line `number` that only says that something failed: the last line of the output within that step, else
 * the nearest line before that speaks of a failure. False if there is none. */
bool sw_words_before(struct sw_fact *out, const struct sw_diagnosis *diagnosis, uint64_t step,
                     uint64_t number);
/* Take the exit status other than 0 that a line at the log's end tells: false if none does. */
bool sw_last_status(struct sw_fact *out, const struct sw_diagnosis *diagnosis);
/* The last line of the log that speaks of a failure at whatever level, of those that its last step keeps, else its last line. */
const struct sw_kept_line *sw_last_line(const struct sw_diagnosis *diagnosis);
/* Does a line have words of a failure, at no level below an error? */
bool sw_speaks_of_failure(struct sw_str line);
/* Does the text have words of a failure, at whatever level? */
bool sw_has_words_of_failure(const char *text);
/* Does the text have one of the words, in any letter case? */
bool sw_has_any(const char *text, const char *const *words, size_t count);

/* Does one of the step's last lines say that all went well (ending.c)? NULL stands for a step that is not known. */
bool sw_step_ends_well(const struct sw_step *step);
/* Is the step's last line information of a logging library, about nothing that failed or ends? */
bool sw_step_goes_on(const struct sw_step *step);
/* Did the step go on with its work behind the line `number`, as `enough` plain lines of output show? */
bool sw_step_works_on(const struct sw_step *step, uint64_t number, size_t enough);
/* "- exit code: 1", "Process exited with status 3": does the line tell an exit status other than 0, which says nothing of why? */
bool sw_tells_status(struct sw_str line);
/* The count of the lines that the fact's step told after the fact. */
uint64_t sw_lines_behind(const struct sw_diagnosis *diagnosis, const struct sw_fact *fact);

/* The command of the profile's `steps`, in either of their forms, that the step runs (likeness.c); NULL if there is none. */
const struct sw_node *sw_step_command(const struct sw_node *profile, const struct sw_step *step);

/* Put the findings into `out` (diagnosis_decide.c). */
int sw_diagnosis_judge(struct sw_diagnosis *diagnosis, const struct sw_node *profile,
                       enum sw_log_outcome outcome, struct sw_findings *out, struct sw_error *error);

/* The source and the destination of the findings. */
struct sw_decision {
    const struct sw_diagnosis *diagnosis;
    const struct sw_node *profile;
    enum sw_log_outcome outcome;
    struct sw_findings *out;
};

/* Do the conditions on the profile hold? Without a profile none does. */
bool sw_decision_conditions_hold(const struct sw_decision *decision, const struct sw_rule_conditions *when,
                                 const struct sw_hit *hit);
/* Add the finding of a hit, unless a finding of the list from `first` on says the same. `words` are the words that the hit itself
 * lacks, or NULL. */
void sw_decision_add_hit(const struct sw_decision *decision, const struct sw_hit *hit, size_t first,
                         const struct sw_fact *words);
/* Add SW399: no rule knows the cause, so the log speaks: in the words of the fact that the failure hangs on, or by its last lines. */
void sw_decision_add_unexplained(const struct sw_decision *decision, const struct sw_cause *cause);

#endif
