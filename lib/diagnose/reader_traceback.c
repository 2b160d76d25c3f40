/* Tracebacks of Python (Lib/traceback.py of 3.6 to 3.14), also chained, as exception groups, and behind the
 * prefix of a rank or a worker. A whole chain is a single fact: its first exception and its last belong to the
 * same failure. */
#include "diagnose/reader_internal.h"

enum state { FRAMES, TOLD, CHAIN };

enum {
    LONGEST_PREFIX = 120,
    /* Lines of an exception's text behind its first. */
    LONGEST_MESSAGE = 12,
};

#define TRACEBACK "Traceback (most recent call last):"
static const char from_other[] = "The above exception was the direct cause of the following exception";
static const char while_other[] = "During handling of the above exception, another exception occurred";

/* Are the columns before a traceback words of its first line alone, "Scheduler hit an exception: "? A prefix of all lines ends with a
 * bracket, a bar or a number. */
static bool is_announced(struct sw_str head)
{
    head = sw_str_trim(head);
    return head.n > 1 && head.p[head.n - 1] == ':' && sw_is_alpha((unsigned char)head.p[head.n - 2]);
}

static bool open_traceback(struct sw_fact *fact, struct sw_str line)
{
    size_t at = sw_str_find(line, SW_STR(TRACEBACK));
    if (at >= line.n || at > LONGEST_PREFIX)
        return false;
    fact->kind = SW_FACT_TRACEBACK;
    fact->state = FRAMES;
    fact->margin = is_announced((struct sw_str){line.p, at}) ? 0 : (unsigned)at;
    return true;
}

/* The line without the columns that stood before the traceback, and without the bars of an exception group. */
static struct sw_str bare(const struct sw_fact *fact, struct sw_str line)
{
    if (fact->margin > 0 && line.n >= fact->margin) {
        struct sw_str head = {line.p, fact->margin};
        if (sw_reader_indent(head) == head.n || memchr(head.p, ':', head.n) != NULL ||
            memchr(head.p, ']', head.n) != NULL)
            line = sw_str_drop(line, fact->margin);
    }
    size_t bar = sw_reader_indent(line);
    if (bar > 0 && bar + 1 < line.n && line.p[bar] == '|' && line.p[bar + 1] == ' ')
        return sw_str_drop(line, bar + 2);
    return line;
}

/* The package of a file outside of site-packages: of all frames so far, the outermost folder whose __init__.py ran. */
static void take_package(struct sw_fact *fact, struct sw_str path)
{
    struct sw_str known = {fact->folder, fact->folder_n};
    bool inside =
        known.n > 0 && path.n > known.n && memcmp(path.p, known.p, known.n) == 0 && path.p[known.n] == '/';
    if (!inside && sw_str_ends(path, "/__init__.py") &&
        path.n - strlen("/__init__.py") <= sizeof fact->folder) {
        fact->folder_n = path.n - strlen("/__init__.py");
        memcpy(fact->folder, path.p, fact->folder_n);
        inside = true;
    }
    struct sw_str above = {fact->folder, fact->folder_n};
    while (above.n > 0 && above.p[above.n - 1] != '/')
        above.n--;
    if (!inside && above.n > 1 && path.n > above.n && memcmp(path.p, above.p, above.n) == 0) {
        fact->folder_n = above.n - 1;
        inside = true;
    }
    size_t slash = fact->folder_n;
    while (inside && slash > 0 && fact->folder[slash - 1] != '/')
        slash--;
    struct sw_str name = inside ? (struct sw_str){fact->folder + slash, fact->folder_n - slash} : path;
    fact->importer_n = name.n < sizeof fact->importer ? name.n : sizeof fact->importer;
    memcpy(fact->importer, name.p, fact->importer_n);
}

/* "…/site-packages/peft/auto.py" is of peft. */
static void take_frame(struct sw_fact *fact, struct sw_str line)
{
    struct sw_str path = sw_str_drop(sw_str_trim(line), strlen("File \""));
    path.n = sw_str_find(path, SW_STR("\""));
    if (path.n == 0 || path.p[0] == '<')
        return;
    static const char *const folders[] = {"site-packages/", "dist-packages/"};
    for (size_t i = 0; i < SW_COUNT(folders); i++) {
        size_t at = sw_str_find(path, sw_str_from(folders[i]));
        if (at < path.n) {
            path = sw_str_drop(path, at + strlen(folders[i]));
            path.n = sw_str_find(path, SW_STR("/"));
            if (sw_str_ends(path, ".py"))
                path.n -= strlen(".py");
            fact->importer_n = path.n < sizeof fact->importer ? path.n : sizeof fact->importer;
            memcpy(fact->importer, path.p, fact->importer_n);
            return;
        }
    }
    take_package(fact, path);
}

/* "torch.cuda.OutOfMemoryError: CUDA out of memory", "KeyboardInterrupt", "ExceptionGroup: tasks (2 sub-exceptions)". */
static bool is_exception(struct sw_str line)
{
    size_t n = 0, small = 0;
    if (sw_str_starts(line, "Error in ")) /* Starlark of Bazel: "Error in fail: ..." */
        return true;
    for (; n < line.n && (sw_is_alnum((unsigned char)line.p[n]) || line.p[n] == '_' || line.p[n] == '.'); n++)
        small += line.p[n] >= 'a' && line.p[n] <= 'z';
    return small > 0 && sw_is_alpha((unsigned char)line.p[0]) && (n == line.n || line.p[n] == ':');
}

static void take_exception(struct sw_fact *fact, struct sw_str line, uint64_t number)
{
    if (fact->margin == 0 && fact->state == FRAMES && fact->words_n > 0 && fact->cause_n == 0) {
        memcpy(fact->cause, fact->words, fact->words_n);
        fact->cause_n = fact->words_n;
    }
    sw_fact_say(fact, line, number);
    fact->state = TOLD;
}

static enum sw_follow follow_frames(struct sw_fact *fact, struct sw_str line, uint64_t number)
{
    if (sw_str_starts(sw_str_trim(line), "File \"")) {
        take_frame(fact, line);
        return SW_FOLLOW_YES;
    }
    if (sw_reader_indent(line) > 0)
        return SW_FOLLOW_QUOTE;
    if (is_exception(line)) {
        take_exception(fact, line, number);
        return SW_FOLLOW_YES;
    }
    return SW_FOLLOW_PERHAPS;
}

static enum sw_follow follow_traceback(struct sw_fact *fact, struct sw_str line, uint64_t number)
{
    struct sw_str text = bare(fact, line);
    if (fact->state == FRAMES)
        return follow_frames(fact, text, number);
    if (sw_str_starts(text, from_other) || sw_str_starts(text, while_other)) {
        fact->state = CHAIN;
        if (sw_str_starts(text, while_other))
            fact->cause_n = 0;
        return SW_FOLLOW_YES;
    }
    if (sw_str_find(text, SW_STR(TRACEBACK)) < text.n) {
        if (fact->state != CHAIN && sw_reader_indent(line) == 0)
            return SW_FOLLOW_NO;
        fact->state = FRAMES;
        return SW_FOLLOW_YES;
    }
    if (sw_reader_is_backtrace(text))
        return SW_FOLLOW_YES;
    if (number > fact->said + LONGEST_MESSAGE)
        return SW_FOLLOW_NO;
    bool listed = (sw_str_find(sw_fact_words(fact), SW_STR(" validation error")) < fact->words_n &&
                   number <= fact->said + 2) ||
                  (sw_str_starts(sw_fact_words(fact), "Error in fail:") && number == fact->said + 1);
    if (fact->words_n > 0 && (fact->words[fact->words_n - 1] == ':' || listed))
        sw_fact_say_more(fact, text);
    return SW_FOLLOW_PERHAPS;
}

static const char *const words[] = {"Traceback (most recent call last)", NULL};

const struct sw_reader sw_reader_traceback = {words, open_traceback, follow_traceback};
