/* Errors of poetry, and of other programs made with cleo 0.8 to 2: the exception's name alone in a line, its text in the next
 * lines, then "at FILE:LINE in FUNCTION" and the source. */
#include "diagnose/reader_internal.h"

enum state { NAME, TEXT, SOURCE };

enum { MOST_LINES = 40, MARGIN = 2 };

static bool open_poetry(struct sw_fact *fact, struct sw_str line)
{
    size_t indent = sw_reader_indent(line);
    struct sw_str name = sw_str_trim(line);
    if (indent != MARGIN || name.n < strlen("OSError") || name.p[0] < 'A' || name.p[0] > 'Z' ||
        (!sw_str_ends(name, "Error") && !sw_str_ends(name, "Exception")))
        return false;
    for (size_t i = 0; i < name.n; i++) {
        if (!sw_is_alnum((unsigned char)name.p[i]))
            return false;
    }
    fact->kind = SW_FACT_MESSAGE;
    fact->state = NAME;
    fact->margin = MARGIN;
    sw_fact_say(fact, name, fact->first);
    return true;
}

static enum sw_follow follow_poetry(struct sw_fact *fact, struct sw_str line, uint64_t number)
{
    struct sw_str text = sw_str_trim(line);
    if (number > fact->first + MOST_LINES || (text.n > 0 && sw_reader_indent(line) < MARGIN))
        return SW_FOLLOW_NO;
    if (sw_str_starts(text, "at ") && sw_str_find(text, SW_STR(" in ")) < text.n)
        fact->state = SOURCE;
    if (fact->state == SOURCE)
        return SW_FOLLOW_QUOTE;
    if (text.n > 0) {
        fact->state = TEXT;
        if (memchr(fact->words, ':', fact->words_n) == NULL && fact->words_n < sizeof fact->words)
            fact->words[fact->words_n++] = ':';
        sw_fact_say_more(fact, text);
    }
    return SW_FOLLOW_PERHAPS;
}

/* The scan looks for six bytes or more, so the letter before "Error" is named. */
static const char *const words[] = {"derror", "eerror", "kerror", "lerror", "merror",    "nerror",
                                    "perror", "rerror", "serror", "terror", "exception", NULL};

const struct sw_reader sw_reader_poetry = {words, open_poetry, follow_poetry};
