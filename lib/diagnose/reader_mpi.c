/* Messages of Open MPI 3 to 5 (opal/util/show_help.c): paragraphs between two lines of 74 dashes. */
#include "diagnose/level_internal.h"
#include "diagnose/reader_internal.h"

enum state { TEXT, TOLD, DROPPED };

enum { DASHES = 74, MOST_LINES = 40 };

static bool is_border(struct sw_str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == '-')
        n++;
    return n == DASHES && n == line.n;
}

static bool open_mpi(struct sw_fact *fact, struct sw_str line)
{
    fact->kind = SW_FACT_REMARK;
    fact->state = TEXT;
    return is_border(line);
}

/* The first sentence has the words. */
static enum sw_follow follow_mpi(struct sw_fact *fact, struct sw_str line, uint64_t number)
{
    if (is_border(line) || number > fact->first + MOST_LINES) {
        bool empty = fact->words_n == 0 || number > fact->first + MOST_LINES;
        fact->words_n = empty ? 0 : fact->words_n;
        fact->last = number;
        return empty ? SW_FOLLOW_NO : SW_FOLLOW_YES;
    }
    struct sw_str text = sw_str_trim(line);
    if (fact->state == TEXT && text.n > 0 && fact->words_n == 0 && sw_log_level(text) != SW_LEVEL_NONE)
        fact->state = DROPPED;
    if (fact->state == TEXT)
        sw_fact_say_more(fact, text);
    if (fact->words_n > 0 && strchr(".:", fact->words[fact->words_n - 1]) != NULL)
        fact->state = TOLD;
    return SW_FOLLOW_YES;
}

static const char *const words[] = {
    "--------------------------------------------------------------------------", NULL};

const struct sw_reader sw_reader_mpi = {words, open_mpi, follow_mpi};
