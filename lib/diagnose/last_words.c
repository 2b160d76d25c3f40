/* The last words of a program that no reader knows: its last lines, as far as one speaks of a failure. */
#include "diagnose/diagnosis_internal.h"
#include "diagnose/level_internal.h"

#include <strings.h>

enum {
    /* The lines that are looked at: more if the failure is known than if the words have to show it. */
    LINES_OF_FAILURE = 8,
    LINES_OF_UNKNOWN = 3,
    LINES_OF_USAGE = 10,
    /* A program went on after a line if so many plain lines follow. */
    WORK_BEHIND = 2,
};

static const char *const failures[] = {"fail",
                                       "cannot",
                                       "can't",
                                       "could not",
                                       "couldn't",
                                       "unable to",
                                       "not found",
                                       "no such",
                                       "denied",
                                       "unauthorized",
                                       "forbidden",
                                       "refused",
                                       "mismatch",
                                       "not supported",
                                       "unsupported",
                                       "invalid",
                                       "missing",
                                       "unknown",
                                       "exception",
                                       "error",
                                       "abort",
                                       "killed",
                                       "timed out",
                                       "timeout",
                                       "out of memory",
                                       "no space",
                                       "unrecognized",
                                       "exceeded",
                                       "incompatible",
                                       "does not exist",
                                       "not installed",
                                       "illegal",
                                       "corrupt",
                                       "unexpected",
                                       "too old",
                                       "fatal",
                                       "panic",
                                       "exited with",
                                       "must be",
                                       "is required",
                                       "conflict",
                                       "not allowed",
                                       "not permitted",
                                       "not available",
                                       "unreachable",
                                       "no module",
                                       "undefined",
                                       "already exists",
                                       "not unique",
                                       "bad ",
                                       "did not",
                                       "does not ",
                                       "doesn't",
                                       "insufficient",
                                       "not enough",
                                       "reject",
                                       "too many",
                                       "too large",
                                       "too long",
                                       "too small",
                                       "exhausted",
                                       "violat",
                                       "malformed",
                                       "out of range",
                                       "no longer",
                                       "need to have",
                                       "there are no ",
                                       "there is no ",
                                       "requires exactly",
                                       "requires 1 arg",
                                       "requires at least",
                                       "required argument",
                                       "not logged in",
                                       "is a directory",
                                       "not a directory",
                                       "not in a git",
                                       "file exists",
                                       "input/output error",
                                       "not empty",
                                       "broken pipe",
                                       "no route",
                                       "host is down",
                                       "temporarily unavailable",
                                       "not implemented",
                                       "stale file",
                                       "quota",
                                       " is empty"};
/* Words that take it back. */
static const char *const successes[] = {
    "0 error",    "no error",     "0 fail",           "without error", "no fail",    "0 warning",
    "errors: 0",  "failed=0",     "error-free",       "not fail",      "never fail", "0 failed",
    " passed",    "skipping",     "(ignored)",        ": ignored.",    "xfailed",    "retrying in",
    "error rate", "falling back", "expected failure", "0 tests failed"};

bool sw_has_any(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasestr(text, words[i]) != NULL)
            return true;
    }
    return false;
}

/* Is the word at this place a part of a name, as in "error-rates.csv", "app/errors" and "error.log"? */
static bool is_in_name(const char *text, const char *at, size_t n)
{
    bool leader = at > text + 1 && at[-1] == '.' && at[-2] == '.'; /* "no big files.....Failed" */
    bool before = at > text && !leader && strchr("/_-.", at[-1]) != NULL;
    bool dot = at[n] == '.' && sw_is_alpha((unsigned char)at[n + 1]);
    return before || dot || (at[n] != '\0' && strchr("/_-", at[n]) != NULL);
}

static bool has_failure(const char *text)
{
    for (size_t i = 0; i < SW_COUNT(failures); i++) {
        size_t n = strlen(failures[i]);
        for (const char *at = strcasestr(text, failures[i]); at != NULL;
             at = strcasestr(at + 1, failures[i])) {
            if (!is_in_name(text, at, n))
                return true;
        }
    }
    return false;
}

/* "1 failed, 41 passed", "3 errors": a count above 0. */
static bool counts_failures(const char *text)
{
    static const char *const words[] = {" failed", " failures", " errors", " error"};
    for (size_t i = 0; i < SW_COUNT(words); i++) {
        const char *at = strstr(text, words[i]);
        size_t n = at == NULL ? 0 : (size_t)(at - text);
        size_t digits = n;
        while (digits > 0 && sw_is_digit((unsigned char)text[digits - 1]))
            digits--;
        if (digits < n && text[digits] != '0' && (digits == 0 || strchr(" (=", text[digits - 1]) != NULL))
            return true;
    }
    return false;
}

/* "F401 'os' imported but unused", "x.py:1:1: E0401: ...": the code that a linter gives a fault, behind a place or at the start. */
static bool is_lint(const char *text)
{
    const char *at = text, *blank = strchr(text, ' ');
    if (blank != NULL && blank > text + 2 && blank[-1] == ':' && sw_is_digit((unsigned char)blank[-2]))
        at = blank + 1;
    size_t letters = 0, digits = 0;
    while (at[letters] >= 'A' && at[letters] <= 'Z')
        letters++;
    while (sw_is_digit((unsigned char)at[letters + digits]))
        digits++;
    char end = at[letters + digits];
    return letters > 0 && letters <= 4 && digits >= 3 && digits <= 5 && (end == ' ' || end == ':');
}

bool sw_has_words_of_failure(const char *text)
{
    return counts_failures(text) || is_lint(text) || strncmp(text, "Expected ", strlen("Expected ")) == 0 ||
           (!sw_has_any(text, successes, SW_COUNT(successes)) && has_failure(text));
}

bool sw_speaks_of_failure(struct sw_str line)
{
    char text[SW_MAX_LOG_TAIL_LINE + 1] = "";
    for (size_t i = 0; i < line.n && i < SW_MAX_LOG_TAIL_LINE; i++)
        text[i] = line.p[i] == '\0' ? ' ' : line.p[i];
    return sw_log_level(line) == SW_LEVEL_NONE && sw_has_words_of_failure(text);
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

/* A line of source that a compiler shows: "  12 | int x;", "     |     ^"; a line of Python; or a command that a shell
 * traces: "+ grep -c error x". */
static bool is_quote(struct sw_str line)
{
    line = sw_str_trim(line);
    size_t n = 0;
    while (n < line.n && sw_is_digit((unsigned char)line.p[n]))
        n++;
    struct sw_str rest = sw_str_trim(sw_str_drop(line, n));
    static const char bar[] = "\xE2\x94\x82";
    static const char arrow[] = "\xE2\x86\x92 ";
    return (rest.n > 0 && rest.p[0] == '|') || sw_str_starts(rest, bar) || sw_str_starts(line, arrow) ||
           sw_str_starts(line, "raise ") || sw_str_starts(line, "+ ") || sw_str_starts(line, "++ ");
}

/* The line of the step's last few that tells an exit status other than 0; NULL if none does. */
static const struct sw_kept_line *status_line(const struct sw_step *step)
{
    for (size_t back = 1; step != NULL && back <= LINES_OF_UNKNOWN; back++) {
        const struct sw_kept_line *kept = sw_step_line(step, back);
        if (kept != NULL && sw_tells_status((struct sw_str){kept->text, kept->n}))
            return kept;
    }
    return NULL;
}

static bool tells_of_failure(struct sw_str line)
{
    return !is_engines(line) && !sw_tells_status(line) && !is_quote(line) && sw_speaks_of_failure(line);
}

static void say_line(struct sw_fact *out, const struct sw_step *step, const struct sw_kept_line *line)
{
    *out = (struct sw_fact){
        .kind = SW_FACT_MESSAGE, .step = step->serial, .first = line->number, .last = line->number};
    sw_fact_say(out, (struct sw_str){line->text, line->n}, line->number);
}

bool sw_words_before(struct sw_fact *out, const struct sw_diagnosis *d, uint64_t serial, uint64_t number)
{
    enum { LINES_BEFORE = 12 };
    const struct sw_step *step = sw_steps_find(&d->steps, serial);
    if (step == NULL)
        return false;
    if (step->inside.number > step->succeeded && step->inside.n > 0) {
        say_line(out, step, &step->inside);
        return out->words_n > 0;
    }
    for (size_t back = 1; back <= SW_MAX_LOG_TAIL; back++) {
        const struct sw_kept_line *kept = sw_step_line(step, back);
        if (kept == NULL || kept->number <= step->succeeded || kept->number + LINES_BEFORE < number)
            break;
        if (kept->number >= number || !tells_of_failure((struct sw_str){kept->text, kept->n}))
            continue;
        say_line(out, step, kept);
        return true;
    }
    return false;
}

/* Does a program end with its usage? The reason stands before the usage. */
static bool ends_with_usage(const struct sw_step *step)
{
    for (size_t back = 1; step != NULL && back <= LINES_OF_USAGE; back++) {
        const struct sw_kept_line *kept = sw_step_line(step, back);
        struct sw_str line = kept == NULL ? (struct sw_str){"", 0} : (struct sw_str){kept->text, kept->n};
        if (sw_str_starts(line, "Usage:") || sw_str_starts(line, "usage:"))
            return true;
    }
    return false;
}

/* The next line further back than `*back` that is no warning, and its place; NULL if there is none. */
static const struct sw_kept_line *line_before(const struct sw_step *step, size_t *back)
{
    const struct sw_kept_line *kept = sw_step_line(step, ++*back);
    while (kept != NULL && sw_log_level((struct sw_str){kept->text, kept->n}) == SW_LEVEL_WARNING)
        kept = sw_step_line(step, ++*back);
    return kept;
}

/* Does the line have words behind a colon, or name a file: "from gone.pem", "/etc/x"? */
static bool names_something(struct sw_str line)
{
    if (sw_str_find(line, SW_STR(": ")) < line.n)
        return true;
    for (size_t i = 1; i + 1 < line.n; i++) {
        bool inside = sw_is_alnum((unsigned char)line.p[i - 1]) && sw_is_alpha((unsigned char)line.p[i + 1]);
        if ((line.p[i] == '.' && inside) || line.p[i] == '/')
            return true;
    }
    return false;
}

/* Return how many lines back the first of the lines stands that speak of a failure one after another: that line says why. */
static size_t first_of_run(const struct sw_step *step, size_t back)
{
    enum { LONGEST_RUN = 6 };
    size_t before = back;
    for (size_t i = 1; i < LONGEST_RUN; i++) {
        const struct sw_kept_line *kept = line_before(step, &before);
        struct sw_str line = kept == NULL ? SW_STR("") : (struct sw_str){kept->text, kept->n};
        bool says_why = names_something(line) && tells_of_failure(line);
        if (!says_why || kept->number <= step->succeeded)
            break;
        back = before;
    }
    return back;
}

bool sw_last_status(struct sw_fact *out, const struct sw_diagnosis *d)
{
    const struct sw_step *step = sw_steps_find(&d->steps, d->last_step);
    const struct sw_kept_line *kept = status_line(step);
    if (kept != NULL)
        say_line(out, step, kept);
    return kept != NULL;
}

const struct sw_kept_line *sw_last_line(const struct sw_diagnosis *d)
{
    const struct sw_step *step = sw_steps_find(&d->steps, d->last_step);
    for (size_t back = 1; step != NULL && back <= SW_MAX_LOG_TAIL; back++) {
        const struct sw_kept_line *kept = sw_step_line(step, back);
        if (kept != NULL && tells_of_failure((struct sw_str){kept->text, kept->n}))
            return kept;
    }
    return step == NULL ? NULL : sw_step_line(step, 1);
}

/* Advice behind a failure, however long, is no sign that the program went on. */
static bool is_advice(struct sw_str line)
{
    static const char *const heads[] = {"Please ",  "See ",     "If you ", "hint:", "Hint:", "HINT:",
                                        "For more", "You can ", "(use ",   "Try ",  "Run ",  "More info"};
    for (size_t i = 0; i < SW_COUNT(heads); i++) {
        if (sw_str_starts(line, heads[i]))
            return true;
    }
    return false;
}

bool sw_last_words(struct sw_fact *out, const struct sw_diagnosis *d, bool failed)
{
    uint64_t serial = failed && d->failed_step != 0 ? d->failed_step : d->last_step;
    const struct sw_step *step = sw_steps_find(&d->steps, serial);
    size_t lines = failed || status_line(step) != NULL ? LINES_OF_FAILURE : LINES_OF_UNKNOWN;
    if (ends_with_usage(step))
        lines = LINES_OF_USAGE;
    if (!failed && step != NULL && sw_step_goes_on(step))
        return false;
    size_t back = 0;
    for (size_t seen = 0; step != NULL && step->state != SW_STEP_PASSED && seen < lines;) {
        const struct sw_kept_line *kept = line_before(step, &back);
        if (kept == NULL || kept->number <= step->succeeded)
            break;
        struct sw_str line = {kept->text, kept->n};
        seen += failed || !is_advice(line);
        if (!tells_of_failure(line))
            continue;
        if (!failed && sw_step_works_on(step, kept->number, WORK_BEHIND))
            return false;
        say_line(out, step, sw_step_line(step, first_of_run(step, back)));
        return true;
    }
    return false;
}
