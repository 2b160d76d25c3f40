/* A log tells facts: a traceback, a tool's message of an error, a program that was killed. A reader
 * (reader_internal.h) knows how a family of tools speaks and makes facts of lines; rules decide the meaning of
 * a fact. */
#ifndef SLIPWAY_DIAGNOSE_FACT_INTERNAL_H
#define SLIPWAY_DIAGNOSE_FACT_INTERNAL_H

#include "base/limits.h"
#include "base/str.h"

enum sw_fact_kind {
    SW_FACT_MESSAGE,
    SW_FACT_TRACEBACK,
    /* A compiler's or linker's error: of many, the first counts. */
    SW_FACT_COMPILER,
    /* A line of a logging library or of a shell, after which a program may well go on. */
    SW_FACT_REMARK,
    /* An entry in a list of events, or a state: each stands for itself. */
    SW_FACT_EVENT,
};

struct sw_reader;

struct sw_fact {
    enum sw_fact_kind kind;
    const struct sw_reader *reader;
    uint64_t step; /* its serial */
    /* The first and the last line, and the line of the words. */
    uint64_t first, last, said;
    /* The count of the step's lines before the fact's last line, and that line. */
    uint64_t lines;
    /* The last line that is certainly the fact's. */
    uint64_t certain;
    /* True if the step, or the tool that told the fact, succeeded later. */
    bool overcome;
    /* A rule knows that the fact only says that something failed. */
    bool consequence;
    /* The tool tries again, as it says right after. */
    bool retried;
    /* The reader's own state: the part of the fact that it reads, and the columns in front of each line. */
    unsigned state, margin;
    /* The count of outputs within the step's output that the fact lies in. */
    unsigned depth;
    /* The first line has no words but "Error:". */
    bool bare;
    /* The fact in the tool's own words, as one line. */
    char words[SW_MAX_LOG_FACT_WORDS];
    size_t words_n;
    /* The words of the exception from which the last one was raised; empty if there is none. */
    char cause[SW_MAX_LOG_FACT_WORDS];
    size_t cause_n;
    /* The package, or else the file, of the innermost frame of a traceback, and the outermost folder of a package that is not
     * in site-packages. */
    char importer[96], folder[160];
    size_t importer_n, folder_n;
};

/* The latest facts of a log; zeroed it is ready. */
struct sw_facts {
    struct sw_fact items[SW_MAX_LOG_FACTS];
    /* The count of facts ever added; fact number i lies in items[i % SW_MAX_LOG_FACTS]. */
    uint64_t count;
};

void sw_facts_add(struct sw_facts *facts, const struct sw_fact *fact);
/* The number of facts that are kept, and one of them: 0 is the oldest. */
size_t sw_facts_kept(const struct sw_facts *facts);
struct sw_fact *sw_facts_at(struct sw_facts *facts, size_t index);
/* Mark the facts of this step that ended before `line` as overcome. */
void sw_facts_overcome(struct sw_facts *facts, uint64_t step, uint64_t line);

/* Set the words, or append to them with a blank between. */
void sw_fact_say(struct sw_fact *fact, struct sw_str words, uint64_t line);
void sw_fact_say_more(struct sw_fact *fact, struct sw_str words);
static inline struct sw_str sw_fact_words(const struct sw_fact *fact)
{
    return (struct sw_str){fact->words, fact->words_n};
}

#endif
