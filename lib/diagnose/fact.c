#include "diagnose/fact_internal.h"

void sw_facts_add(struct sw_facts *facts, const struct sw_fact *fact)
{
    facts->items[facts->count++ % SW_MAX_LOG_FACTS] = *fact;
}

size_t sw_facts_kept(const struct sw_facts *facts)
{
    return facts->count < SW_MAX_LOG_FACTS ? (size_t)facts->count : SW_MAX_LOG_FACTS;
}

struct sw_fact *sw_facts_at(struct sw_facts *facts, size_t index)
{
    uint64_t oldest = facts->count - sw_facts_kept(facts);
    return &facts->items[(oldest + index) % SW_MAX_LOG_FACTS];
}

void sw_facts_overcome(struct sw_facts *facts, uint64_t step, uint64_t line)
{
    for (size_t i = 0; i < sw_facts_kept(facts); i++) {
        struct sw_fact *fact = sw_facts_at(facts, i);
        if (fact->step == step && fact->last < line)
            fact->overcome = true;
    }
}

void sw_fact_say(struct sw_fact *fact, struct sw_str words, uint64_t line)
{
    fact->words_n = 0;
    fact->said = line;
    sw_fact_say_more(fact, words);
}

void sw_fact_say_more(struct sw_fact *fact, struct sw_str words)
{
    words = sw_str_trim(words);
    if (words.n == 0 || fact->words_n + 1 >= sizeof fact->words)
        return;
    if (fact->words_n > 0)
        fact->words[fact->words_n++] = ' ';
    size_t room = sizeof fact->words - fact->words_n;
    size_t n = words.n < room ? words.n : room;
    memcpy(fact->words + fact->words_n, words.p, n);
    fact->words_n += n;
}
