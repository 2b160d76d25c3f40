#include "diagnose/level_internal.h"

#include "diagnose/cluster_event_internal.h"

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
    {": info:", SW_LEVEL_INFO},
    {"level=warning", SW_LEVEL_WARNING},
    {"level=info", SW_LEVEL_INFO},
    {"level=error", SW_LEVEL_NONE},
    {": warning:", SW_LEVEL_WARNING},
    {"Warning:", SW_LEVEL_WARNING},
    {"won't be available", SW_LEVEL_WARNING},          /* transformers, xformers */
    {" Warning pull access denied", SW_LEVEL_WARNING}, /* docker compose */
    {"CMake Warning", SW_LEVEL_WARNING},
};

static bool stands_alone(struct sw_str line, size_t at, const char *text)
{
    size_t end = at + strlen(text);
    bool named = !sw_is_alpha((unsigned char)text[0]) || text[strlen(text) - 1] == ':';
    return named || ((at == 0 || !sw_is_alnum((unsigned char)line.p[at - 1])) &&
                     (end >= line.n || !sw_is_alnum((unsigned char)line.p[end])));
}

/* The letter of the level: "[E 10:00:00 App] " of tornado, "E0501 10:00:00.1 7 x.cc:12] " of glog, "E tensorflow/x.cc:12] " behind a time.
 * 0 if there is none. */
static char level_letter(struct sw_str line)
{
    enum { GLOG = 6, LONGEST_PLACE = 160 };
    size_t at = line.n > 3 && line.p[0] == '[' && line.p[2] == ' ' && sw_is_digit((unsigned char)line.p[3]);
    if (line.n <= GLOG || strchr("DIWECF", line.p[at]) == NULL || line.p[at] == '\0')
        return '\0';
    size_t digits = 1;
    while (digits < GLOG && sw_is_digit((unsigned char)line.p[digits]))
        digits++;
    struct sw_str head = {line.p, line.n < LONGEST_PLACE ? line.n : LONGEST_PLACE};
    size_t place = sw_str_find(head, SW_STR("] "));
    bool source = line.p[1] == ' ' && place < head.n && place > 2 &&
                  sw_is_digit((unsigned char)line.p[place - 1]) &&
                  sw_str_find((struct sw_str){line.p + 2, place - 2}, SW_STR(" ")) == place - 2;
    return at == 1 || source || (digits == GLOG - 1 && line.p[digits] == ' ') ? line.p[at] : '\0';
}

enum sw_log_level sw_log_level(struct sw_str line)
{
    line = sw_str_trim(line);
    /* supervisord tells that at the level of information. */
    if (sw_str_find(line, SW_STR("entered FATAL state")) < line.n)
        return SW_LEVEL_NONE;
    char letter = level_letter(line);
    if (letter != '\0')
        return letter == 'W'                    ? SW_LEVEL_WARNING
               : letter == 'I' || letter == 'D' ? SW_LEVEL_INFO
                                                : SW_LEVEL_NONE;
    struct sw_cluster_event event;
    if (sw_cluster_event_read(&event, line))
        return event.failure ? SW_LEVEL_NONE : SW_LEVEL_INFO;
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

static bool has_sign(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (strchr("[|=-:", text.p[i]) != NULL && text.p[i] != '\0')
            return true;
    }
    return false;
}

bool sw_log_is_error(struct sw_str line)
{
    enum { FURTHEST_ERROR = 80 };
    static const char *const levels[] = {"ERROR",       "CRITICAL",  "FATAL",     "level=error",
                                         "level=fatal", "\"error\"", "\"ERROR\"", "\"CRITICAL\""};
    line = sw_str_trim(line);
    if (strchr("ECF", level_letter(line)) != NULL && level_letter(line) != '\0')
        return true;
    struct sw_str head = {line.p, line.n < FURTHEST_ERROR ? line.n : FURTHEST_ERROR};
    for (size_t i = 0; i < SW_COUNT(levels); i++) {
        size_t at = sw_str_find(head, sw_str_from(levels[i]));
        if (at == 0 || at >= head.n || !stands_alone(line, at, levels[i]))
            continue;
        struct sw_str lead = {line.p, at};
        bool json = levels[i][0] == '"';
        bool marked = json ? line.p[0] == '{' && sw_str_find(lead, SW_STR("level")) < lead.n : has_sign(lead);
        if (marked)
            return sw_log_level(line) == SW_LEVEL_NONE;
    }
    return false;
}
