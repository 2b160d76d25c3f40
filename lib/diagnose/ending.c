/* The end of a log: a step whose last line says that all went well has overcome its errors. */
#include "diagnose/diagnosis_internal.h"
#include "diagnose/level_internal.h"

static const char *const endings[] = {
    "successfully", "succeeded",   "completed",  "all done",  "is ready",  "ready in",   "is up",
    "downloaded",   "finished in", "built in",   "installed", "passed",    "running on", "listening",
    "result: ok",   "up to date",  "up-to-date", "loaded",    "to commit", "serving on", "startup complete"};
/* Words of the end of something that may have failed, or that say the opposite. */
static const char *const closings[] = {"shut",      "clean up", "exit",   "abort",
                                       "roll",      "stopp",    "not ",   "unsuccess",
                                       "uninstall", "before",   "[info]", "requirement already"};

static bool is_last_word(struct sw_str line)
{
    static const char *const words[] = {"ready", "done",  "Done", "ok",   "OK",
                                        "done.", "Done.", "DONE", "built"};
    for (size_t i = 0; i < SW_COUNT(words); i++) {
        if (sw_str_is(line, words[i]))
            return true;
    }
    return sw_str_ends(line, " ready") || sw_str_ends(line, " done.") || sw_str_ends(line, "all done");
}

/* The text of the step's last line; NULL if there is none. */
static const char *last_line(const struct sw_step *step, char text[SW_MAX_LOG_TAIL_LINE + 1])
{
    const struct sw_kept_line *kept = step == NULL ? NULL : sw_step_line(step, 1);
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
    char line[SW_MAX_LOG_TAIL_LINE + 1];
    const char *text = last_line(step, line);
    /* A message that goes on to the end may have any words. */
    if (text == NULL || (step->fact_open && step->fact.certain >= sw_step_line(step, 1)->number))
        return false;
    bool word = sw_has_any(text, endings, SW_COUNT(endings)) || is_last_word(sw_str_trim(sw_str_from(text)));
    return word && !says_otherwise(text);
}

bool sw_step_goes_on(const struct sw_step *step)
{
    char line[SW_MAX_LOG_TAIL_LINE + 1];
    const char *text = last_line(step, line);
    return text != NULL && sw_log_level(sw_str_from(text)) == SW_LEVEL_INFO && !says_otherwise(text);
}

uint64_t sw_lines_behind(const struct sw_diagnosis *d, const struct sw_fact *fact)
{
    const struct sw_step *step = sw_steps_find(&d->steps, fact->step);
    return step != NULL && step->lines >= fact->lines ? step->lines - fact->lines : d->lines - fact->last;
}
