/* The last words of a program that no reader knows: its last lines, as far as one speaks of a failure. */
#include "diagnose/diagnosis_internal.h"
#include "diagnose/level_internal.h"

#include <strings.h>

enum {
    /* The lines that are looked at: more if the failure is known than if the words have to show it. */
    LINES_OF_FAILURE = 8,
    LINES_OF_UNKNOWN = 3,
};

static const char *const failures[] = {
    "fail",          "cannot",        "can't",        "could not",    "couldn't",     "unable to",
    "not found",     "no such",       "denied",       "unauthorized", "forbidden",    "refused",
    "mismatch",      "not supported", "unsupported",  "invalid",      "missing",      "unknown",
    "exception",     "error",         "abort",        "killed",       "timed out",    "timeout",
    "out of memory", "no space",      "unrecognized", "exceeded",     "incompatible", "does not exist",
    "not installed", "illegal",       "corrupt",      "unexpected",   "too old",      "fatal",
    "panic",         "exited with",   "must be",      "is required",  "conflict",     "not allowed",
    "not permitted", "not available", "unreachable",  "no module",    "undefined",    "already exists",
    "not unique",    "bad "};
/* Words that take it back. */
static const char *const successes[] = {"0 error",  "no error",  "0 fail",    "without error",
                                        "no fail",  "0 warning", "errors: 0", "error-free",
                                        "not fail", "never fail"};

static bool has_any(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasestr(text, words[i]) != NULL)
            return true;
    }
    return false;
}

static bool speaks_of_failure(struct sw_str line)
{
    char text[SW_MAX_LOG_TAIL_LINE + 1];
    size_t n = 0;
    for (; n < line.n && n < SW_MAX_LOG_TAIL_LINE; n++)
        text[n] = line.p[n];
    text[n] = '\0';
    for (size_t i = 0; i < n; i++)
        text[i] = text[i] == '\0' ? ' ' : text[i];
    return sw_log_level(line) == SW_LEVEL_NONE && !has_any(text, successes, SW_COUNT(successes)) &&
           has_any(text, failures, SW_COUNT(failures));
}

/* The engine's own words about a step say nothing of why. */
static bool is_engines(struct sw_str line)
{
    for (size_t i = 0; i < SW_LOG_FAILURES; i++) {
        if (sw_str_find(line, sw_str_from(sw_log_failure_words[i])) < line.n)
            return true;
    }
    return false;
}

bool sw_last_words(struct sw_fact *out, const struct sw_diagnosis *d, bool failed)
{
    uint64_t serial = failed && d->failed_step != 0 ? d->failed_step : d->last_step;
    const struct sw_step *step = sw_steps_find(&d->steps, serial);
    size_t lines = failed ? LINES_OF_FAILURE : LINES_OF_UNKNOWN;
    for (size_t back = 1; step != NULL && step->state != SW_STEP_PASSED && back <= lines; back++) {
        const struct sw_kept_line *kept = sw_step_line(step, back);
        if (kept == NULL || kept->number <= step->succeeded)
            break;
        struct sw_str line = {kept->text, kept->n};
        if (is_engines(line) || !speaks_of_failure(line))
            continue;
        *out = (struct sw_fact){
            .kind = SW_FACT_MESSAGE, .step = step->serial, .first = kept->number, .last = kept->number};
        sw_fact_say(out, line, kept->number);
        return true;
    }
    return false;
}
