#include "diagnose/level_internal.h"

/* A level stands near the start, behind a time, a logger's name or a process at most. */
enum { FURTHEST = 100 };

struct word {
    const char *text;
    enum sw_log_level level;
};

/* Words that open a line. */
static const struct word openings[] = {
    {"W: ", SW_LEVEL_WARNING},         {"N: ", SW_LEVEL_INFO},
    {"warning", SW_LEVEL_WARNING},     {"Warning", SW_LEVEL_WARNING},
    {"DEPRECATION", SW_LEVEL_WARNING}, {"info:", SW_LEVEL_INFO},
    {"info ", SW_LEVEL_INFO},          {"note:", SW_LEVEL_INFO},
    {"debug:", SW_LEVEL_INFO},         {"DEBUG", SW_LEVEL_INFO},
    {"TRACE", SW_LEVEL_INFO},          {"npm warn", SW_LEVEL_WARNING},
    {"npm WARN", SW_LEVEL_WARNING},    {"NOTE:", SW_LEVEL_INFO},
    {"- WARN", SW_LEVEL_WARNING},
};
/* Words of a logging library, in capitals, with a sign or a blank on each side; and those inside a line of other tools. */
static const struct word inside[] = {
    {"INFO", SW_LEVEL_INFO},
    {"DEBUG", SW_LEVEL_INFO},
    {"NOTICE", SW_LEVEL_INFO},
    {"WARNING", SW_LEVEL_WARNING},
    {"WARN", SW_LEVEL_WARNING},
    {"ERROR", SW_LEVEL_NONE},
    {"CRITICAL", SW_LEVEL_NONE},
    {"FATAL", SW_LEVEL_NONE},
    {"level=warning", SW_LEVEL_WARNING},
    {"level=info", SW_LEVEL_INFO},
    {"level=error", SW_LEVEL_NONE},
    {": warning:", SW_LEVEL_WARNING},
    {"Warning:", SW_LEVEL_WARNING},
    {"CMake Warning", SW_LEVEL_WARNING},
};

static bool stands_alone(struct sw_str line, size_t at, const char *text)
{
    size_t end = at + strlen(text);
    bool named = !sw_is_alpha((unsigned char)text[0]) || text[strlen(text) - 1] == ':';
    return named || ((at == 0 || !sw_is_alnum((unsigned char)line.p[at - 1])) &&
                     (end >= line.n || !sw_is_alnum((unsigned char)line.p[end])));
}

enum sw_log_level sw_log_level(struct sw_str line)
{
    line = sw_str_trim(line);
    for (size_t i = 0; i < SW_COUNT(openings); i++) {
        if (sw_str_starts(line, openings[i].text))
            return openings[i].level;
    }
    struct sw_str head = {line.p, line.n < FURTHEST ? line.n : FURTHEST};
    size_t nearest = head.n;
    enum sw_log_level level = SW_LEVEL_NONE;
    for (size_t i = 0; i < SW_COUNT(inside); i++) {
        size_t at = sw_str_find(head, sw_str_from(inside[i].text));
        if (at < nearest && stands_alone(line, at, inside[i].text)) {
            nearest = at;
            level = inside[i].level;
        }
    }
    return level;
}
