#include "diagnose/line_internal.h"

enum { ESC = 0x1B, BEL = 0x07 };

/* Length of the escape sequence at the start of `s` (ECMA-48, section 5.3 and 5.4). */
static size_t escape_length(struct sw_str s)
{
    if (s.n < 2)
        return s.n;
    size_t i = 2;
    switch (s.p[1]) {
    case '[':
        while (i < s.n && s.p[i] >= 0x20 && s.p[i] <= 0x3F)
            i++;
        return i < s.n ? i + 1 : i;
    case ']':
        while (i < s.n && s.p[i] != BEL && s.p[i] != ESC)
            i++;
        return i < s.n && s.p[i] == BEL ? i + 1 : i;
    default:
        return 2;
    }
}

static struct sw_str without_escapes(struct sw_str raw, char scratch[SW_MAX_LOG_LINE])
{
    size_t n = 0;
    while (raw.n > 0 && n < SW_MAX_LOG_LINE) {
        const char *escape = memchr(raw.p, ESC, raw.n);
        size_t plain = escape == NULL ? raw.n : (size_t)(escape - raw.p);
        if (plain > SW_MAX_LOG_LINE - n)
            plain = SW_MAX_LOG_LINE - n;
        memcpy(scratch + n, raw.p, plain);
        n += plain;
        raw.p += plain;
        raw.n -= plain;
        if (escape != NULL && raw.n > 0) {
            size_t length = escape_length(raw);
            raw.p += length;
            raw.n -= length;
        }
    }
    return (struct sw_str){scratch, n};
}

/* "34.5 ", as BuildKit writes the seconds since a step began. */
static size_t seconds(struct sw_str s)
{
    size_t n = sw_log_digits(s);
    if (n == 0 || n + 1 >= s.n || s.p[n] != '.')
        return 0;
    size_t fraction = sw_log_digits(sw_str_drop(s, n + 1));
    n += 1 + fraction;
    if (fraction == 0 || fraction > 3)
        return 0;
    if (n == s.n)
        return n;
    return s.p[n] == ' ' ? n + 1 : 0;
}

/* Length of the seconds in the summary after a failure. There no "#12" tells them from a number of the text,
 * so two digits or more must follow the point. */
static size_t summary_seconds(struct sw_str s)
{
    size_t n = seconds(s);
    return n > 0 && n - 1 - sw_log_digits(s) >= 3 ? n : 0;
}

/* Read the text behind "#12 ". */
static void read_vertex(struct sw_log_line *line, struct sw_str s)
{
    size_t time = seconds(s);
    line->text = sw_str_drop(s, time);
    line->text = sw_str_drop(line->text, sw_log_time(line->text));
    if (time > 0 || s.n == 0)
        return;
    if (s.p[0] == '[') {
        line->mark = SW_LOG_STEP;
    } else if (sw_str_starts(s, "DONE ") || sw_str_is(s, "CACHED")) {
        line->mark = SW_LOG_DONE;
    } else if (sw_str_starts(s, "ERROR: ")) {
        line->mark = SW_LOG_FAILED;
        line->text = sw_str_drop(s, 7);
    } else if (sw_str_starts(s, "ERROR")) {
        line->mark = SW_LOG_FAILED;
    } else if (sw_str_starts(s, "sha256:") || sw_str_starts(s, "extracting ") ||
               sw_str_starts(s, "transferring ") || sw_str_starts(s, "CANCELED")) {
        line->mark = SW_LOG_PROGRESS;
    }
}

/* "#12 …" of BuildKit's plain progress. */
static bool read_buildkit(struct sw_log_line *line, struct sw_str s)
{
    if (s.n < 3 || s.p[0] != '#')
        return false;
    size_t n = sw_log_digits(sw_str_drop(s, 1));
    if (n == 0 || n > 5 || (n + 1 < s.n && s.p[n + 1] != ' '))
        return false;
    line->step = (struct sw_str){s.p, n + 1};
    read_vertex(line, n + 2 <= s.n ? sw_str_drop(s, n + 2) : sw_str_drop(s, s.n));
    return true;
}

/* Read " > [2/5] RUN …:", the head of the part that buildx repeats of a failed step, and its lines. */
static bool read_summary(struct sw_log_line *line, struct sw_str s)
{
    if (sw_str_starts(s, " > [")) {
        *line = (struct sw_log_line){SW_LOG_STEP, {s.p, 2}, sw_str_drop(s, 3)};
        return true;
    }
    size_t n = summary_seconds(s);
    line->text = sw_str_drop(s, n);
    return n > 0;
}

/* "Step 2/7 : RUN …", "STEP 2/7: RUN …", "[1/2] STEP 2/7: RUN …". */
static bool read_classic(struct sw_log_line *line, struct sw_str s)
{
    struct sw_str rest = s;
    if (sw_str_starts(rest, "[") && sw_log_digits(sw_str_drop(rest, 1)) > 0) {
        size_t close = sw_str_find(rest, SW_STR("] "));
        if (close == rest.n)
            return false;
        rest = sw_str_drop(rest, close + 2);
    }
    if (!sw_str_starts(rest, "Step ") && !sw_str_starts(rest, "STEP "))
        return false;
    size_t n = 5 + sw_log_digits(sw_str_drop(rest, 5));
    if (n == 5 || n >= rest.n || rest.p[n] != '/')
        return false;
    n += 1 + sw_log_digits(sw_str_drop(rest, n + 1));
    struct sw_str name = sw_str_drop(rest, n);
    size_t colon = sw_str_starts(name, " : ") ? 3 : sw_str_starts(name, ": ") ? 2 : 0;
    if (colon == 0)
        return false;
    *line = (struct sw_log_line){SW_LOG_STEP, {s.p, s.n - name.n}, sw_str_drop(name, colon)};
    return true;
}

/* slipway's own logs: "=== #3 RUN …" where a step's output begins or goes on, "=== #3 done in 1.2s" at its end. */
static bool read_own(struct sw_log_line *line, struct sw_str s)
{
    static const struct {
        const char *words;
        enum sw_log_mark mark;
    } ends[] = {{"done in ", SW_LOG_DONE},
                {"cached", SW_LOG_DONE},
                {"failed: ", SW_LOG_FAILED},
                {"canceled: ", SW_LOG_PROGRESS}};
    enum { LEAD = 5 }; /* "=== #" */
    size_t n = sw_str_starts(s, "=== #") ? sw_log_digits(sw_str_drop(s, LEAD)) : 0;
    if (n == 0 || LEAD + n >= s.n || s.p[LEAD + n] != ' ')
        return false;
    struct sw_str text = sw_str_drop(s, LEAD + n + 1);
    *line = (struct sw_log_line){SW_LOG_STEP, {s.p, LEAD + n}, text};
    for (size_t i = 0; i < SW_COUNT(ends); i++) {
        if (sw_str_starts(text, ends[i].words)) {
            line->mark = ends[i].mark;
            line->text = ends[i].mark == SW_LOG_FAILED ? sw_str_drop(text, strlen(ends[i].words)) : text;
            break;
        }
    }
    return true;
}

/* The classic builder's and podman's own lines between the output of steps. */
static bool is_chatter(struct sw_str s)
{
    static const char *const starts[] = {" ---> ", "--> ", " => ", "Removing intermediate container "};
    if (s.n == 0 || (s.p[0] != ' ' && s.p[0] != '-' && s.p[0] != 'R'))
        return false;
    for (size_t i = 0; i < SW_COUNT(starts); i++) {
        if (sw_str_starts(s, starts[i]))
            return true;
    }
    return false;
}

/* "   5 | >>> RUN …" of BuildKit, "   12 | #include …" of gcc. */
static bool is_quote(struct sw_str s)
{
    size_t blanks = 0;
    while (blanks < s.n && s.p[blanks] == ' ')
        blanks++;
    size_t n = blanks + sw_log_digits(sw_str_drop(s, blanks));
    return blanks > 0 && n > blanks && sw_str_starts(sw_str_drop(s, n), " | ");
}

/* "Dockerfile:5", "docker/Dockerfile.gpu:12". */
static bool is_place(struct sw_str s)
{
    size_t n = s.n;
    while (n > 0 && sw_is_digit((unsigned char)s.p[n - 1]))
        n--;
    return n < s.n && n > 1 && s.p[n - 1] == ':' && memchr(s.p, ' ', s.n) == NULL &&
           sw_str_find(s, SW_STR("Dockerfile")) < s.n;
}

/* Tell the kind of the line by its own words, once all prefixes are off. */
static void read_text(struct sw_log_line *line)
{
    if (is_quote(line->text)) {
        line->mark = SW_LOG_QUOTE;
    } else if (is_place(line->text)) {
        line->mark = SW_LOG_PLACE;
    }
}

void sw_log_line_read(struct sw_log_line *out, struct sw_str raw, char scratch[SW_MAX_LOG_LINE])
{
    enum { LAYERS = 4 }; /* tools around tools */
    struct sw_str s = raw;
    if (s.n > 0 && memchr(s.p, ESC, s.n) != NULL)
        s = without_escapes(s, scratch);
    struct sw_log_line line = {.mark = SW_LOG_TEXT};
    size_t n = 1;
    for (int layer = 0; layer < LAYERS && n > 0; layer++) {
        n = sw_log_prefix(s, &line.step);
        s = sw_str_drop(s, n);
    }
    line.text = s;
    if (is_chatter(s))
        line.mark = SW_LOG_PROGRESS;
    else if (!read_buildkit(&line, s) && !read_own(&line, s) && !read_summary(&line, s))
        (void)read_classic(&line, s);
    if (line.mark == SW_LOG_TEXT)
        read_text(&line);
    *out = line;
}

const char *const sw_log_failure_words[SW_LOG_FAILURES] = {
    "\" did not complete successfully: ", /* BuildKit */
    "]: exit code: ",                     /* that of docker 20.10 */
    "' returned a non-zero code: ",       /* the classic builder */
    "\": while running runtime: ",        /* podman */
};

bool sw_log_failure_read(struct sw_str *text)
{
    static const char *const openings[SW_LOG_FAILURES] = {"process \"", "executor failed running [",
                                                          "The command '", "building at STEP \""};
    for (size_t i = 0; i < SW_LOG_FAILURES; i++) {
        size_t open = sw_str_find(*text, sw_str_from(openings[i]));
        size_t close = sw_str_find(*text, sw_str_from(sw_log_failure_words[i]));
        if (open < close && close < text->n) {
            *text = sw_str_drop(*text, close);
            return true;
        }
    }
    return false;
}
