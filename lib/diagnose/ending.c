/* The end of a log: a step whose last line says that all went well has overcome its errors. */
#include "diagnose/diagnosis_internal.h"
#include "diagnose/level_internal.h"

#include <strings.h>

static const char *const endings[] = {
    "success",    "succeeded",  "completed",        "all done",   "is ready",        "ready in",
    "is up",      "downloaded", "finished in",      "built in",   "installed",       "passed",
    "running on", "listening",  "result: ok",       "up to date", "up-to-date",      "loaded",
    "to commit",  "serving on", "startup complete", "0 errors",   "no errors",       "without errors",
    "healthy",    "0 failed",   "tests failed",     "failed=0",   "congratulations", "checks passed"};
/* Words of the end of something that may have failed, or that say the opposite. */
static const char *const closings[] = {"shut",      "clean up", "exit",   "abort",
                                       "roll",      "stopp",    "not ",   "unsuccess",
                                       "uninstall", "before",   "[info]", "requirement already",
                                       "false",     "unhealthy"};

static bool is_last_word(struct sw_str line)
{
    static const char *const words[] = {"ready", "done",  "Done", "ok",   "OK",
                                        "done.", "Done.", "DONE", "built"};
    for (size_t i = 0; i < SW_COUNT(words); i++) {
        if (sw_str_is(line, words[i]))
            return true;
    }
    return sw_str_starts(line, "OK (") || sw_str_ends(line, " ready") || sw_str_ends(line, " done.") ||
           sw_str_ends(line, "all done");
}

/* The text of the step's line `back` lines ago; NULL if there is none. */
static const char *line_text(const struct sw_step *step, size_t back, char text[SW_MAX_LOG_TAIL_LINE + 1])
{
    const struct sw_kept_line *kept = step == NULL ? NULL : sw_step_line(step, back);
    if (kept == NULL)
        return NULL;
    (void)snprintf(text, SW_MAX_LOG_TAIL_LINE + 1, "%.*s", (int)kept->n, kept->text);
    return text;
}

/* A warning of a failure speaks of it too, and a question is no success. */
static bool says_otherwise(const char *text)
{
    size_t n = strlen(text);
    return (n > 0 && text[n - 1] == '?') || sw_has_words_of_failure(text) ||
           sw_has_any(text, closings, SW_COUNT(closings));
}

bool sw_step_ends_well(const struct sw_step *step)
{
    enum { LAST_LINES = 2 };
    char line[SW_MAX_LOG_TAIL_LINE + 1];
    for (size_t back = 1; back <= LAST_LINES; back++) {
        const char *text = line_text(step, back, line);
        /* A message that goes on to the end may have any words. */
        if (text == NULL || says_otherwise(text) ||
            (step->fact_open && step->fact.certain >= sw_step_line(step, back)->number))
            return false;
        if (sw_has_any(text, endings, SW_COUNT(endings)) || is_last_word(sw_str_trim(sw_str_from(text))))
            return true;
    }
    return false;
}

bool sw_step_goes_on(const struct sw_step *step)
{
    char line[SW_MAX_LOG_TAIL_LINE + 1];
    const char *text = line_text(step, 1, line);
    return text != NULL && sw_log_level(sw_str_from(text)) == SW_LEVEL_INFO && !says_otherwise(text);
}

/* Is it a line of a program that does its work? Not if it is indented, quotes, advises, or ends something. */
static bool is_work(const char *text)
{
    static const char *const aftermath[] = {
        "leaving",   "hint",     "note",         "help",        "usage",          "try ",     "see ",
        "run ",      "use ",     "check",        "warning",     "http",           "terminat", "please",
        "more info", "records ", "bytes copied", "stack trace", "node.js v",      "waiting",  "caused by",
        "traceback", "full log", "debug",        "compilation", "control socket", "clean",    "you can",
        "set the ",  "version",  "for more",     "booting"};
    size_t n = sw_str_trim(sw_str_from(text)).n;
    bool opens = n > 0 && (sw_is_alpha((unsigned char)text[0]) || text[0] == '[' || text[0] == '+');
    return opens && text[n - 1] != ':' && !says_otherwise(text) &&
           !sw_has_any(text, aftermath, SW_COUNT(aftermath));
}

bool sw_step_works_on(const struct sw_step *step, uint64_t number, size_t enough)
{
    char line[SW_MAX_LOG_TAIL_LINE + 1];
    size_t count = 0;
    for (size_t back = 1; step != NULL && back <= SW_MAX_LOG_TAIL && count < enough; back++) {
        const char *text = line_text(step, back, line);
        if (text == NULL || sw_step_line(step, back)->number <= number)
            break;
        count += is_work(text);
    }
    return count >= enough;
}

uint64_t sw_lines_behind(const struct sw_diagnosis *d, const struct sw_fact *fact)
{
    const struct sw_step *step = sw_steps_find(&d->steps, fact->step);
    return step != NULL && step->lines >= fact->lines ? step->lines - fact->lines : d->lines - fact->last;
}

/* Return the text behind the first of the words that stands at its start, and behind the signs that follow; the text itself if none
 * does. */
static const char *behind_any(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(words[i]);
        if (strncasecmp(text, words[i], n) == 0)
            return text + n + strspn(text + n, " :=(");
    }
    return text;
}

bool sw_tells_status(struct sw_str line)
{
    enum { LONGEST = 80, MOST_DIGITS = 3 };
    static const char *const words[] = {"exited with", "exit with",  "exited",       "exit code",
                                        "exit status", "exitcode",   "exit",         "returned code",
                                        "return code", "returncode", "non-zero code"};
    static const char *const names[] = {"code", "status", "exit code", "exit status"};
    char text[LONGEST + 1];
    (void)snprintf(text, sizeof text, "%.*s", SW_STR_FORMAT(line));
    for (const char *at = text; line.n <= LONGEST && *at != '\0'; at++) {
        if (at > text && sw_is_alnum((unsigned char)at[-1]))
            continue;
        const char *behind = behind_any(at, words, SW_COUNT(words));
        if (behind == at)
            continue;
        behind = behind_any(behind, names, SW_COUNT(names));
        size_t digits = strspn(behind, "0123456789");
        if (digits > 0 && digits <= MOST_DIGITS && *behind != '0' && strchr(").,", behind[digits]) != NULL)
            return true;
    }
    return false;
}
