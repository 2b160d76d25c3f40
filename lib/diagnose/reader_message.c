/* The form that most tools share for an error: "error: ...", "PROGRAM: fatal: ...", "FILE:LINE: error: ...", "E: ...", and the
 * indented lines, or uv's "cause:" chain, that go on with it. */
#include "diagnose/level_internal.h"
#include "diagnose/reader_internal.h"

#include <strings.h>

enum { LONGEST_LEAD = 160, MOST_LINES = 40, MOST_BARE = 3 };

/* The reader awaits indented lines, the words that the first line only announces, or the words that "Last error:" of NCCL
 * announces. */
enum state { INDENTED, ANNOUNCED, LAST };

/* The words that name an error, as they stand right behind the lead. */
static const char *const marks[] = {
    "error:",  "fatal error:", "fatal:",   "panic:",    "error[",  "fatal   :",
    "fatal :", "critical:",    "fatal  :", "error   :", "error -", "internal compiler error:",
    "[error]:"};
/* Whole beginnings of lines that say no such word. */
static const char *const heads[] = {"CMake Error",
                                    "no such option",
                                    "terminate called after",
                                    "Error response from daemon",
                                    "thread '",
                                    "Exception in thread",
                                    "dpkg: error processing",
                                    "dpkg: dependency problems",
                                    "! [rejected]",
                                    "! [remote rejected]",
                                    "Unhandled exception",
                                    "Uncaught ",
                                    "OCI runtime",
                                    "failed to solve",
                                    "failed to start",
                                    "Failed to initialize",
                                    "Error while ",
                                    "Error! ",
                                    "Error ",
                                    "configure: error",
                                    "npm ERR!",
                                    "npm error ",
                                    "git: '",
                                    "yarn error",
                                    "INTERNAL ERROR"};
/* A logging library's level as the first word: the program may go on after it. */
static const char *const levels[] = {"ERROR ", "[ERROR]", "CRITICAL ", "[CRITICAL]",
                                     "FATAL ", "[FATAL]", "[error]",   "ERR "};

static bool starts_any(struct sw_str line, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (sw_str_starts(line, texts[i]))
            return true;
    }
    return false;
}

static size_t mark_at(struct sw_str s)
{
    for (size_t i = 0; i < SW_COUNT(marks); i++) {
        size_t n = strlen(marks[i]);
        if (s.n >= n && strncasecmp(s.p, marks[i], n) == 0)
            return n;
    }
    return 0;
}

/* "x.cu:12:3: ", "x.cu(12): ", "csrc/x.cpp:7: " */
static bool is_place(struct sw_str lead)
{
    bool digit = false;
    for (size_t i = 0; i + 1 < lead.n; i++)
        digit =
            digit || ((lead.p[i] == ':' || lead.p[i] == '(') && sw_is_digit((unsigned char)lead.p[i + 1]));
    return digit;
}

/* May this stand before the mark? A program or a place, without blanks, or in brackets; nvcc's and ptxas's are words. */
static bool is_lead(struct sw_str lead)
{
    if (lead.n == 0)
        return true;
    if (lead.n > LONGEST_LEAD)
        return false;
    if (sw_str_starts(lead, "nvcc ") || sw_str_starts(lead, "ptxas ") || sw_str_starts(lead, "nvlink "))
        return true;
    char last = lead.p[lead.n - 1], before = lead.n > 1 ? lead.p[lead.n - 2] : '\0';
    if (last != ' ' || (before != ':' && before != ']'))
        return false;
    return memchr(lead.p, ' ', lead.n) == lead.p + lead.n - 1;
}

/* The marks, wherever their lead allows. */
static bool open_mark(struct sw_fact *fact, struct sw_str line)
{
    for (size_t at = 0; at < line.n && at <= LONGEST_LEAD; at++) {
        if (at > 0 && line.p[at - 1] != ' ')
            continue;
        struct sw_str rest = sw_str_drop(line, at), lead = {line.p, at};
        size_t n = mark_at(rest);
        if (n == 0 || !is_lead(lead))
            continue;
        /* "error: 0 failed" and a bare "error:" tell nothing. */
        struct sw_str told = sw_str_trim(sw_str_drop(rest, n));
        if (told.n > 0 && told.p[0] == '0')
            return false;
        fact->kind = is_place(lead) ? SW_FACT_COMPILER : SW_FACT_MESSAGE;
        return true;
    }
    return false;
}

/* "EnvironmentLocationNotFound: ...": an exception that a program tells without a traceback. */
static bool is_exception(struct sw_str line)
{
    static const char *const kinds[] = {"Error", "Exception", "NotFound"};
    size_t n = 0;
    while (n < line.n && n < LONGEST_LEAD &&
           (sw_is_alnum((unsigned char)line.p[n]) || line.p[n] == '.' || line.p[n] == '_'))
        n++;
    if (n < strlen("IOError") || n >= line.n || line.p[n] != ':')
        return false;
    struct sw_str name = {line.p, n};
    for (size_t i = 0; i < SW_COUNT(kinds); i++) {
        if (sw_str_ends(name, kinds[i]) && !sw_str_is(name, kinds[i]))
            return true;
    }
    return false;
}

/* "F1130 10:00:00.100000 1 main.go:31] ...", of glog and klog. */
static bool is_glog(struct sw_str line)
{
    enum { DAY = 4 };
    if (line.n < DAY + 3 || (line.p[0] != 'E' && line.p[0] != 'F') || line.p[DAY + 1] != ' ')
        return false;
    for (size_t i = 1; i <= DAY; i++) {
        if (!sw_is_digit((unsigned char)line.p[i]))
            return false;
    }
    return true;
}

/* The signs of miette, clack and maturin before an error: the length of one at the start of the line. */
static size_t cross_at(struct sw_str line)
{
    static const char *const crosses[] = {
        "\xC3\x97 ",         /* multiplication sign */
        "\xE2\x9C\x98 ",     /* ballot X */
        "\xE2\x9C\x96 ",     /* multiplication X */
        "\xE2\x9D\x8C ",     /* cross mark */
        "\xF0\x9F\x92\xA5 ", /* collision */
    };
    enum { FIRST = 0xC3 };
    for (size_t i = 0; line.n > 0 && (unsigned char)line.p[0] >= FIRST && i < SW_COUNT(crosses); i++) {
        if (sw_str_starts(line, crosses[i]))
            return strlen(crosses[i]);
    }
    return 0;
}

bool sw_reader_is_brief(struct sw_str line)
{
    return cross_at(sw_str_drop(line, sw_reader_indent(line))) > 0 || sw_str_starts(line, "E: ") ||
           is_glog(line) || (sw_str_starts(line, "[") && sw_log_is_error(line));
}

/* A linker's message: "/usr/bin/ld: cannot find -lx", "m.cc:(.text+0x5): undefined reference to `f'". */
static bool is_linker(struct sw_str line)
{
    enum { LONGEST_PROGRAM = 80 };
    struct sw_str head = {line.p, line.n < LONGEST_PROGRAM ? line.n : LONGEST_PROGRAM};
    return sw_str_find(head, SW_STR("bin/ld:")) < head.n || sw_str_find(line, SW_STR(":(.text")) < line.n;
}

/* "error: connection-failed" of pip: a name for the error, whose words follow. */
static bool is_name(struct sw_str line)
{
    struct sw_str rest =
        sw_str_starts(line, "error: ") ? sw_str_drop(line, strlen("error: ")) : (struct sw_str){0};
    bool dash = false;
    for (size_t i = 0; i < rest.n; i++) {
        if (rest.p[i] != '-' && !(rest.p[i] >= 'a' && rest.p[i] <= 'z'))
            return false;
        dash = dash || rest.p[i] == '-';
    }
    return dash;
}

/* Does the line end with a place or a colon, so that the words stand in the next line? "thread 'main' panicked at build.rs:1:12:",
 * "Error:". */
static bool is_announcement(struct sw_str line)
{
    line = sw_str_trim(line);
    if (line.n == 0 || line.p[line.n - 1] != ':')
        return is_name(line) || sw_str_starts(line, "Error occurred during initialization");
    return line.n <= strlen("fatal error:") || sw_str_find(line, SW_STR("panicked at ")) < line.n;
}

/* "slurmstepd: error: pyxis:     mkdir: ...": a program that tells another's output, indented behind its own name. */
static struct sw_str take_inner(struct sw_fact *fact, struct sw_str line)
{
    size_t mark = sw_str_find(line, SW_STR(": error: "));
    struct sw_str rest = sw_str_drop(line, mark < line.n ? mark + strlen(": error: ") : line.n);
    struct sw_str tag = sw_str_cut(&rest, ' ');
    size_t indent = sw_reader_indent(rest);
    if (tag.n < 2 || tag.p[tag.n - 1] != ':' || indent < 2)
        return line;
    fact->margin += (unsigned)indent + 1;
    return sw_str_trim(rest);
}

/* The text within the frame that Terraform draws around a message, and behind the "= note: " of rustc. */
static struct sw_str without_frame(struct sw_str line)
{
    static const char *const frames[] = {"\xE2\x94\x82 ", "= note: "};
    for (size_t i = 0; i < SW_COUNT(frames); i++) {
        if (sw_str_starts(line, frames[i]))
            return sw_str_trim(sw_str_drop(line, strlen(frames[i])));
    }
    return line;
}

static bool open_message(struct sw_fact *fact, struct sw_str raw)
{
    struct sw_str line = without_frame(sw_str_trim(raw));
    size_t cross = cross_at(line);
    line = sw_str_drop(line, cross);
    bool logged = starts_any(line, levels, SW_COUNT(levels)) && !sw_str_starts(line, "ERROR: ") &&
                  !sw_str_starts(line, "[ERROR]: ");
    if (logged || is_glog(line))
        fact->kind = SW_FACT_REMARK;
    else if (sw_str_starts(line, "E: ") || starts_any(line, heads, SW_COUNT(heads)) || is_exception(line))
        fact->kind = SW_FACT_MESSAGE;
    else if (sw_str_find(line, SW_STR(": *** ")) < line.n)
        fact->kind = SW_FACT_MESSAGE;
    else if (is_linker(line))
        fact->kind = SW_FACT_COMPILER;
    else if (cross > 0 || sw_str_starts(raw, "  Cause: "))
        fact->kind = SW_FACT_MESSAGE;
    else if (!open_mark(fact, line) && !(line.p != raw.p && sw_str_starts(line, "No solution found"))) {
        if (!sw_log_is_error(line) && sw_str_find(line, SW_STR(" error: ")) == line.n)
            return false;
        fact->kind = SW_FACT_REMARK;
    }
    /* Ruff's causes stand beside each other. */
    fact->margin = sw_str_starts(raw, "  Cause: ") ? 0 : (unsigned)sw_reader_indent(raw);
    line = take_inner(fact, line);
    if (sw_log_level(line) != SW_LEVEL_NONE)
        return false;
    fact->state = is_announcement(line) ? ANNOUNCED : INDENTED;
    fact->bare = fact->state == ANNOUNCED && line.n <= strlen("fatal error:");
    sw_fact_say(fact, line, fact->first);
    return true;
}

/* The line with the words that the line before announced; behind a bare "Error:" several lines. */
static void take_announced(struct sw_fact *fact, struct sw_str line)
{
    line = sw_str_trim(line);
    sw_fact_say_more(fact, sw_str_drop(line, cross_at(line)));
    if (!fact->bare || fact->words_n > LONGEST_LEAD)
        fact->state = INDENTED;
}

/* The lines that go on: indented more, uv's tree of causes, a hint. */
static enum sw_follow follow_message(struct sw_fact *fact, struct sw_str line, uint64_t number)
{
    size_t indent = sw_reader_indent(line);
    struct sw_str text = sw_str_drop(line, indent);
    static const char tree[] = "\xE2\x95\xB0\xE2\x94\x80", branch[] = "\xE2\x94\x9C\xE2\x94\x80";
    static const char frame[] = "\xE2\x94\x82";
    if (sw_reader_is_backtrace(line))
        return SW_FOLLOW_YES;
    if (fact->kind == SW_FACT_REMARK || number > fact->first + MOST_LINES)
        return SW_FOLLOW_NO;
    if (sw_str_starts(text, frame)) {
        sw_fact_say_more(fact, sw_str_trim(sw_str_drop(text, strlen(frame))));
        return SW_FOLLOW_PERHAPS;
    }
    if (fact->state == ANNOUNCED && number <= fact->first + MOST_BARE) {
        take_announced(fact, text);
        return SW_FOLLOW_PERHAPS;
    }
    if (fact->state == LAST) {
        fact->state = INDENTED;
        sw_fact_say(fact, text, number);
        return SW_FOLLOW_YES;
    }
    if (sw_str_is(text, "Last error:")) {
        fact->state = LAST;
        return SW_FOLLOW_YES;
    }
    if (sw_str_is(text, "Caused by:"))
        return SW_FOLLOW_YES;
    if (sw_str_starts(text, tree) || sw_str_starts(text, branch)) {
        size_t arrow = sw_str_find(text, SW_STR(" "));
        sw_fact_say_more(fact, sw_str_drop(text, arrow < text.n ? arrow : 0));
        return SW_FOLLOW_YES;
    }
    if (sw_str_starts(text, "npm ERR!") || sw_str_starts(text, "npm error")) {
        sw_fact_say_more(fact, sw_str_drop(text, strlen("npm ERR!") + (text.p[4] == 'e')));
        return SW_FOLLOW_YES;
    }
    if (indent <= fact->margin)
        return SW_FOLLOW_NO;
    if (fact->kind == SW_FACT_MESSAGE)
        sw_fact_say_more(fact, text);
    return SW_FOLLOW_PERHAPS;
}

static const char *const words[] = {"error:",
                                    "fatal:",
                                    "panic:",
                                    "fatal ",
                                    "critical",
                                    "error[",
                                    "cmake error",
                                    "dependency problems prevent",
                                    "rejected]",
                                    "no such option",
                                    "terminate called",
                                    "thread '",
                                    "exception in thread",
                                    "unhandled exception",
                                    "uncaught ",
                                    "oci runtime",
                                    "failed to solve",
                                    "error ",
                                    "failed to start",
                                    "failed to initialize",
                                    "npm err!",
                                    "npm error",
                                    "bin/ld:",
                                    "multiple definition of",
                                    "undefined reference to",
                                    "is not a git command",
                                    ": *** ",
                                    "[error]",
                                    "[fatal]",
                                    "error -",
                                    "error/",
                                    "error]",
                                    "error|",
                                    "\"error\"",
                                    "exception:",
                                    "notfound:",
                                    "level=error",
                                    "level=fatal",
                                    "error response",
                                    "no solution found",
                                    "  cause: ",
                                    NULL};

const struct sw_reader sw_reader_message = {words, open_message, follow_message};
