/* A finding: something the program knows to be wrong, as data.
 *
 * Schema errors, compatibility checks, build-log diagnosis and image verification all give lists of these;
 * each output format renders them once, in cmd/. A list owns everything its findings point to. */
#ifndef SLIPWAY_BASE_FINDING_H
#define SLIPWAY_BASE_FINDING_H

#include "base/arena.h"
#include "base/error.h"

enum sw_severity { SW_NOTE, SW_WARNING, SW_ERROR };

/* A line of proof: a log line, a wheel's file name, a catalog row. */
struct sw_evidence {
    const char *text;
    /* The origin: "build log, line 812", a URL; never NULL, may be empty. */
    const char *source;
    uint64_t line; /* in the log; 0: none */
};

enum sw_edit_op { SW_EDIT_SET, SW_EDIT_ADD, SW_EDIT_REMOVE };

/* An edit to a profile, see data/edit.h for paths. `value` is a scalar's text; NULL for SW_EDIT_REMOVE. */
struct sw_edit {
    enum sw_edit_op op;
    const char *path;
    const char *value;
};

struct sw_finding {
    const char *code; /* "SW301" */
    enum sw_severity severity;
    const char *message; /* one line */
    /* The very thing that the finding is about, such as a project or a permission; NULL: none. */
    const char *subject;
    const char *file; /* NULL if there is no place */
    unsigned line, column;
    struct sw_evidence *evidence;
    size_t evidence_count;
    const char *hint; /* NULL or one line or more */
    struct sw_edit *fix;
    size_t fix_count;
    const char *url; /* NULL, or a page to read more */
    /* The diagnosis of a log says how sure it is: "high", "medium" or "low". NULL if the finding is not of a log. */
    const char *confidence;
    /* The fact that would have to be seen to be sure. NULL if none is missing. */
    const char *proof;
    /* The lines of the log that tell the finding; 0: none. */
    uint64_t first_line, last_line;
};

struct sw_findings {
    struct sw_arena arena;
    struct sw_finding **items; /* stable addresses */
    size_t count;
    /* Findings past SW_MAX_FINDINGS, or without memory: counted, not kept. */
    size_t dropped;
};

void sw_findings_init(struct sw_findings *list);
void sw_findings_release(struct sw_findings *list); /* takes NULL and a zeroed list */
#define SW_FINDINGS_AUTO SW_CLEANUP(sw_findings_release) struct sw_findings

/* Add a finding at the end of the list. Never NULL: if nothing can be kept, the finding is thrown away later,
 * so that the calls below need no check. */
struct sw_finding *sw_findings_add(struct sw_findings *list, const char *code, enum sw_severity severity,
                                   const char *format, ...) SW_PRINTF(4, 5);
/* Add a finding made from an error; if `code` is NULL the error's code decides the finding's: SW102, for
 * SW_EREFUSED SW104, for SW_EENV SW309 if a disk is full (in the kernel's words, whoever passes them on),
 * else SW501. */
struct sw_finding *sw_findings_add_error(struct sw_findings *list, const char *code,
                                         const struct sw_error *error);

/* A copy of another list's finding, whole. */
struct sw_finding *sw_findings_copy(struct sw_findings *list, const struct sw_finding *finding);

void sw_finding_subject(struct sw_findings *list, struct sw_finding *finding, const char *subject);
void sw_finding_place(struct sw_findings *list, struct sw_finding *finding, const char *file, unsigned line,
                      unsigned column);
/* Bytes that are not printable UTF-8 are replaced; see sw_text_clean() in base/text.h. */
void sw_finding_evidence(struct sw_findings *list, struct sw_finding *finding, struct sw_str text,
                         const char *source);
void sw_finding_hint(struct sw_findings *list, struct sw_finding *finding, const char *format, ...)
    SW_PRINTF(3, 4);
void sw_finding_fix(struct sw_findings *list, struct sw_finding *finding, enum sw_edit_op op,
                    const char *path, const char *value);

/* Do both say the same, of the same subject, at the same place: file, line, column, code, subject and words? */
bool sw_finding_same(const struct sw_finding *a, const struct sw_finding *b);
/* Do both say the same in two states of a text, whose lines may have moved: code, subject and words? */
bool sw_finding_same_moved(const struct sw_finding *a, const struct sw_finding *b);
/* The first finding of this code about this subject at this place, whatever its words; NULL if there is none. */
struct sw_finding *sw_findings_about(const struct sw_findings *list, const char *code, const char *subject,
                                     const char *file, unsigned line, unsigned column);

/* Drop each finding that equals an earlier finding, such as those of a shared parent. */
void sw_findings_unique(struct sw_findings *list);
size_t sw_findings_count(const struct sw_findings *list, enum sw_severity severity);
/* The code that the findings ask for: SW_EINPUT for an error SW1xx (but SW104: the caller refused, and the input is fine), SW_EENV for
 * SW501, SW_ENO for any other error, else SW_OK. */
int sw_findings_code(const struct sw_findings *list);

const char *sw_severity_name(enum sw_severity severity); /* "note", "warning", "error" */
const char *sw_edit_op_name(enum sw_edit_op op);         /* "set", "add", "remove" */

/* The table of codes: stable, only ever added to. */
struct sw_finding_code {
    const char *code;    /* "SW101" */
    const char *name;    /* "unknown-key" */
    const char *summary; /* one sentence */
};
extern const struct sw_finding_code sw_finding_codes[];
extern const size_t sw_finding_codes_count;
const struct sw_finding_code *sw_finding_code_find(const char *code_or_name); /* NULL if unknown */

#endif
