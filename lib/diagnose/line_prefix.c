#include "diagnose/line_internal.h"

#include <ctype.h>

/* Length of the text that `shape` describes at the start of `s`: 0 stands for a digit, all else for itself. */
static size_t shaped(struct sw_str s, const char *shape)
{
    size_t n = strlen(shape);
    if (s.n < n)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (shape[i] == '0' ? !sw_is_digit((unsigned char)s.p[i]) : s.p[i] != shape[i])
            return 0;
    }
    return n;
}

/* A stream's mark behind a time: "stderr F " of CRI's log files, "01O " of GitLab's. */
static size_t stream_mark(struct sw_str s)
{
    if (sw_str_starts(s, "stderr F ") || sw_str_starts(s, "stdout F ") || sw_str_starts(s, "stderr P ") ||
        sw_str_starts(s, "stdout P "))
        return strlen("stderr F ");
    bool gitlab = s.n > 3 && isxdigit((unsigned char)s.p[0]) && isxdigit((unsigned char)s.p[1]) &&
                  (s.p[2] == 'O' || s.p[2] == 'E') && (s.p[3] == ' ' || s.p[3] == '+');
    return gitlab ? strlen("01O ") : 0;
}

/* "2026-11-21T01:22:33.1234567Z ", also with a blank in the middle, a zone or neither. */
static size_t time_stamp(struct sw_str s)
{
    size_t n = shaped(s, "0000-00-00T00:00:00");
    if (n == 0)
        n = shaped(s, "0000-00-00 00:00:00");
    if (n == 0)
        return 0;
    if (n < s.n && (s.p[n] == '.' || s.p[n] == ','))
        n += 1 + sw_log_digits(sw_str_drop(s, n + 1));
    if (n < s.n && s.p[n] == 'Z')
        n++;
    else if (shaped(sw_str_drop(s, n), "+00:00") != 0)
        n += 6;
    if (n == s.n)
        return n;
    if (sw_str_starts(sw_str_drop(s, n), ": "))
        return n + 2;
    return s.p[n] == ' ' || s.p[n] == '\t' ? n + 1 + stream_mark(sw_str_drop(s, n + 1)) : 0;
}

/* "build\tRun docker build\t2026-…": the job and the step before a time stamp. */
static size_t job_columns(struct sw_str s)
{
    struct sw_str rest = s;
    for (int column = 0; column < 2; column++) {
        struct sw_str name = sw_str_cut(&rest, '\t');
        if (rest.p == NULL || name.n == 0)
            return 0;
    }
    return time_stamp(rest) > 0 ? s.n - rest.n : 0;
}

/* "##[error]", "##[group]", "::error file=a,line=1::". */
static size_t workflow_command(struct sw_str s)
{
    if (s.n < 4 || s.p[1] != s.p[0])
        return 0;
    if (sw_str_starts(s, "##[")) {
        const char *end = memchr(s.p, ']', s.n < 16 ? s.n : 16);
        return end == NULL ? 0 : (size_t)(end - s.p) + 1;
    }
    if (!sw_str_starts(s, "::error") && !sw_str_starts(s, "::warning") && !sw_str_starts(s, "::group"))
        return 0;
    size_t end = sw_str_find(sw_str_drop(s, 2), SW_STR("::"));
    return end == s.n - 2 ? 0 : end + 4;
}

/* "web-1  | ": length, and the service's name. */
static size_t compose_column(struct sw_str s, struct sw_str *service)
{
    size_t n = 0;
    while (n < s.n &&
           (sw_is_alnum((unsigned char)s.p[n]) || (n > 0 && strchr("-_.", s.p[n]) != NULL && s.p[n])))
        n++;
    size_t name = n;
    while (n < s.n && s.p[n] == ' ')
        n++;
    if (name == 0 || n == name || !sw_is_alpha((unsigned char)s.p[0]) || n + 1 >= s.n || s.p[n] != '|' ||
        s.p[n + 1] != ' ')
        return 0;
    *service = (struct sw_str){s.p, name};
    return n + 2;
}

/* "[2026-11-21T01:22:33.123Z] " of Jenkins, "[01:22:33] "; and of services: "[pod/web-0/app] " of kubectl, "[rank0]: " of torch,
 * "[build : step] " of Tekton. */
static size_t bracket(struct sw_str s, struct sw_str *service)
{
    enum { LONGEST = 160 };
    struct sw_str head = {s.p, s.n < LONGEST ? s.n : LONGEST};
    size_t end = sw_str_find(head, SW_STR("]"));
    if (end == head.n)
        return 0;
    struct sw_str inside = {s.p + 1, end - 1}, rest = sw_str_drop(s, end + 1);
    size_t behind = sw_str_starts(rest, ": ") ? 2 : sw_str_starts(rest, " ") ? 1 : 0;
    if (behind == 0 && rest.n > 0)
        return 0;
    bool time = time_stamp(inside) == inside.n ||
                (shaped(inside, "00:00:00") > 0 && inside.n <= strlen("00:00:00.000000"));
    bool rank = sw_str_starts(inside, "rank") && inside.n > 4 &&
                4 + sw_log_digits(sw_str_drop(inside, 4)) == inside.n;
    bool tekton = sw_str_find(inside, SW_STR(" : ")) < inside.n;
    if (rank || tekton || sw_str_starts(inside, "pod/"))
        *service = inside;
    else if (!time)
        return 0;
    return end + 1 + behind;
}

/* "(EngineCore_0 pid=201) " of vLLM, "(Actor pid=7, ip=10.0.0.4) " and "(raylet) " of Ray. */
static size_t process(struct sw_str s, struct sw_str *service)
{
    enum { LONGEST = 120 };
    struct sw_str head = {s.p, s.n < LONGEST ? s.n : LONGEST};
    size_t end = sw_str_find(head, SW_STR(") "));
    if (end == head.n)
        return 0;
    struct sw_str inside = {s.p + 1, end - 1};
    size_t pid = sw_str_find(inside, SW_STR(" pid="));
    struct sw_str number = sw_str_drop(inside, pid < inside.n ? pid + strlen(" pid=") : inside.n);
    size_t digits = sw_log_digits(number);
    bool numbered = digits > 0 && (digits == number.n || number.p[digits] == ',');
    if (!numbered && !sw_str_is(inside, "raylet"))
        return 0;
    *service = inside;
    return end + 2;
}

/* "515.6 ", "12.34 ", "0.412 ": the seconds of BuildKit before a line, in a part of a log without the number of the step. BuildKit
 * writes four digits, or one behind the point. */
static size_t seconds(struct sw_str s)
{
    enum { LONGEST = 5, DIGITS = 4 };
    size_t whole = sw_log_digits(s);
    if (whole > LONGEST || whole + 1 >= s.n || s.p[whole] != '.')
        return 0;
    size_t fraction = sw_log_digits(sw_str_drop(s, whole + 1)), end = whole + 1 + fraction;
    bool found = fraction == (whole < DIGITS ? DIGITS - whole : 1) && end < s.n && s.p[end] == ' ';
    return found ? end + 1 : 0;
}

size_t sw_log_time(struct sw_str s)
{
    struct sw_str service = {0};
    if (s.n == 0 || (s.p[0] != '[' && !sw_is_digit((unsigned char)s.p[0])))
        return 0;
    size_t n = s.p[0] == '[' ? bracket(s, &service) : time_stamp(s);
    return service.n == 0 ? n : 0;
}

size_t sw_log_prefix(struct sw_str s, struct sw_str *service)
{
    if (s.n == 0)
        return 0;
    if (sw_is_digit((unsigned char)s.p[0])) {
        size_t stamp = time_stamp(s);
        return stamp > 0 ? stamp : seconds(s);
    }
    if (s.p[0] == '[')
        return bracket(s, service);
    if (s.p[0] == '(')
        return process(s, service);
    if (s.p[0] == '#' || s.p[0] == ':')
        return workflow_command(s);
    if (!sw_is_alpha((unsigned char)s.p[0]))
        return 0;
    size_t n = job_columns(s);
    return n > 0 ? n : compose_column(s, service);
}
