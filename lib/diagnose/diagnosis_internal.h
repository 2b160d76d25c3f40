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
    uint64_t *owners; /* a set of rules, for the scan */
    size_t *matches;  /* by rule */
    struct sw_hit *hits[SW_MAX_LOG_HITS];
    size_t hit_count;
    struct sw_hit *pending[SW_MAX_LOG_TAIL]; /* that still await lines */
    size_t pending_count;
    uint64_t failed_step; /* serial; 0: none is known to have failed */
    uint64_t last_step;   /* serial of the step of the last line */
    struct sw_log_place place;
    char scratch[SW_MAX_LOG_LINE];
};

/* Put the findings into `out` (verdict.c). */
int sw_diagnosis_judge(struct sw_diagnosis *diagnosis, const struct sw_node *profile,
                       enum sw_log_outcome outcome, struct sw_findings *out, struct sw_error *error);

#endif
