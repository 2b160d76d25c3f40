/* pytest 3 to 8: a section of failures, in which lines that begin with "E" tell the exception and ">" marks the line of source. */
#include "diagnose/reader_internal.h"

enum { MOST_LINES = 400, LONGEST_WORDS = 200 };

static bool is_rule(struct sw_str line, const char *title)
{
    return sw_str_starts(line, "=====") && sw_str_find(line, sw_str_from(title)) < line.n;
}

static bool open_pytest(struct sw_fact *fact, struct sw_str line)
{
    fact->kind = SW_FACT_MESSAGE;
    return is_rule(line, " FAILURES =") || is_rule(line, " ERRORS =");
}

/* "E       AssertionError: ...": the first exception has the words. */
static enum sw_follow follow_pytest(struct sw_fact *fact, struct sw_str line, uint64_t number)
{
    if (is_rule(line, " short test summary info ") || is_rule(line, " in ") ||
        number > fact->first + MOST_LINES)
        return SW_FOLLOW_NO;
    if (sw_str_starts(line, "E   ")) {
        if (fact->words_n == 0)
            sw_fact_say(fact, sw_str_drop(line, 1), number);
        else if (number == fact->said + 1 && fact->words_n < LONGEST_WORDS)
            sw_fact_say_more(fact, sw_str_drop(line, 1));
        return SW_FOLLOW_YES;
    }
    return sw_str_starts(line, ">") || sw_reader_indent(line) > 0 ? SW_FOLLOW_QUOTE : SW_FOLLOW_YES;
}

static const char *const words[] = {"= failures =", "= errors =", NULL};

const struct sw_reader sw_reader_pytest = {words, open_pytest, follow_pytest};
