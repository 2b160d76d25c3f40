/* A line of a build log, freed of the prefixes that the tools around it put in front.
 *
 * Understood, also nested: time stamps of GitHub Actions, Kubernetes and the like (RFC 3339, with a blank or
 * a T), the columns of `gh run view --log`, "##[error]" and "::error::" of Actions, `docker compose`'s "web-1
 * | ", the pod that `kubectl logs --prefix` names, the marks of CRI's and GitLab's log files, times in brackets, "[rank0]: ", "(EngineCore_0 pid=201) ", BuildKit's plain progress ("#12 34.5 text", "#12 [2/5] RUN …", "#12 DONE 1.2s") and the seconds in the
 * summary that buildx prints after a failure, the classic builder's "Step 2/7 : RUN …" and podman's "STEP
 * 2/7: RUN …", and slipway's own "=== #3 RUN …". Escape sequences (ECMA-48) are removed. If an engine names
 * the command that failed, the command itself is left out: its words are the user's, not a tool's. */
#ifndef SLIPWAY_DIAGNOSE_LINE_INTERNAL_H
#define SLIPWAY_DIAGNOSE_LINE_INTERNAL_H

#include "base/limits.h"
#include "base/str.h"

enum sw_log_mark {
    SW_LOG_TEXT, /* output, or a tool's own words */
    SW_LOG_STEP, /* a step is announced: `text` is its name */
    /* The step ended well, or came from the cache. */
    SW_LOG_DONE,
    SW_LOG_FAILED, /* the step failed: `text` is why */
    /* The engine's own chatter: layers pulled, containers removed. */
    SW_LOG_PROGRESS,
    /* Source shown with a line number in front, as BuildKit and gcc do. */
    SW_LOG_QUOTE,
    /* "Dockerfile:5", the instruction that failed. */
    SW_LOG_PLACE,
};

struct sw_log_line {
    enum sw_log_mark mark;
    /* The step of the line, among interleaved steps: "#12", "web-1"; "Step 2/7" with SW_LOG_STEP; empty: the
     * step last announced. */
    struct sw_str step;
    /* The text points into the raw line or into `scratch`. */
    struct sw_str text;
};

/* `raw` is a line without its line end. `scratch` is used if escape sequences have to be taken out; a line
 * with escape sequences is read as far as it fits. */
void sw_log_line_read(struct sw_log_line *out, struct sw_str raw, char scratch[SW_MAX_LOG_LINE]);

/* The count of digits at the start of `s`. */
static inline size_t sw_log_digits(struct sw_str s)
{
    size_t n = 0;
    while (n < s.n && sw_is_digit((unsigned char)s.p[n]))
        n++;
    return n;
}
/* Return the length of the prefix that a tool put in front, 0 if there is none (line_prefix.c). `service` is set if the prefix names
 * one of several programs that write at once: a service of compose, a pod, a rank, a process. */
size_t sw_log_prefix(struct sw_str s, struct sw_str *service);
/* Length of a time at the start of a line: "2026-11-21 01:22:33,123 ", "[01:22:33] ". */
size_t sw_log_time(struct sw_str s);

enum { SW_LOG_FAILURES = 4 };
/* If an engine names the command that failed, one of these texts stands behind the command. */
extern const char *const sw_log_failure_words[SW_LOG_FAILURES];
/* Leave the command out of such a line: its words are the user's, not a tool's. False if the line is no such
 * line. */
bool sw_log_failure_read(struct sw_str *text);

#endif
