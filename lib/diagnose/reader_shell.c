/* Messages of shells, and of the kernel through them, about a command: "sh: 1: nvcc: not found", "./run.sh:
 * line 3: x: command not found", "Killed". The words are those of dash 0.5, bash 5, busybox 1.36 and zsh 5. */
#include "diagnose/reader_internal.h"

/* "NAME: 12: ", "NAME: line 12: " or "bash: ": its length. */
static size_t shell_prefix(struct sw_str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] != ':' && line.p[n] != ' ')
        n++;
    if (n == 0 || n + 2 >= line.n || line.p[n] != ':' || line.p[n + 1] != ' ')
        return 0;
    struct sw_str name = {line.p, n}, rest = sw_str_drop(line, n + 2);
    bool shell = sw_str_ends(name, "sh") || sw_str_starts(name, "make");
    if (sw_str_starts(rest, "line "))
        rest = sw_str_drop(rest, 5);
    size_t digits = 0;
    while (digits < rest.n && sw_is_digit((unsigned char)rest.p[digits]))
        digits++;
    if (digits > 0 && digits + 1 < rest.n && rest.p[digits] == ':')
        return (size_t)(rest.p - line.p) + digits + 2;
    return shell ? n + 2 : 0;
}

/* A process that a signal ended, as bash, dash and make report it: the whole line, or its head. */
bool sw_reader_is_signal(struct sw_str line)
{
    static const char *const heads[] = {"Killed",    "Segmentation fault",  "Aborted",
                                        "Bus error", "Illegal instruction", "Floating point exception"};
    for (size_t i = 0; i < SW_COUNT(heads); i++) {
        if (!sw_str_starts(line, heads[i]))
            continue;
        struct sw_str rest = sw_str_trim(sw_str_drop(line, strlen(heads[i])));
        return rest.n == 0 || rest.p[0] == '(';
    }
    return false;
}

/* Programs that say nothing unless something is wrong. */
static const char *const terse[] = {
    "awk",     "bash",   "bzip2", "chgrp",  "chmod",    "chown", "chroot",   "cp",    "dash",
    "dd",      "find",   "gawk",  "gunzip", "gzip",     "ksh",   "groupadd", "ln",    "mawk",
    "mkdir",   "mktemp", "mv",    "patch",  "readlink", "rm",    "rmdir",    "rsync", "scp",
    "sed",     "sh",     "su",    "tar",    "tee",      "touch", "unxz",     "unzip", "useradd",
    "usermod", "wget",   "xargs", "xz",     "zsh",
};
/* Their words although nothing is wrong. */
static const char *const harmless[] = {"warning",
                                       "Warning",
                                       "Removing leading",
                                       "job control",
                                       "terminal process group",
                                       "time stamp",
                                       "Operation not permitted, preserving"};

bool sw_reader_is_terse(struct sw_str line)
{
    enum { LONGEST = 8 };
    size_t n = 0;
    while (n < line.n && n <= LONGEST && line.p[n] >= 'a' && line.p[n] <= 'z')
        n++;
    if (n < 2 || n + 2 >= line.n || line.p[n] != ':' ||
        (line.p[n + 1] != ' ' && !sw_is_digit((unsigned char)line.p[n + 1])))
        return false;
    for (size_t i = 0; i < SW_COUNT(terse); i++) {
        if (terse[i][0] == line.p[0] && strlen(terse[i]) == n && memcmp(terse[i], line.p, n) == 0)
            return true;
    }
    return false;
}

static bool is_harmless(struct sw_str line)
{
    for (size_t i = 0; i < SW_COUNT(harmless); i++) {
        if (sw_str_find(line, sw_str_from(harmless[i])) < line.n)
            return true;
    }
    return false;
}

static bool open_shell(struct sw_fact *fact, struct sw_str line)
{
    line = sw_str_trim(line);
    bool said = sw_reader_is_terse(line) && !is_harmless(line);
    if (!said && shell_prefix(line) == 0 && !sw_reader_is_signal(line))
        return false;
    fact->kind = SW_FACT_REMARK;
    sw_fact_say(fact, line, fact->first);
    return true;
}

static enum sw_follow follow_nothing(struct sw_fact *fact, struct sw_str line, uint64_t number)
{
    (void)fact;
    (void)line;
    (void)number;
    return SW_FOLLOW_NO;
}

static const char *const words[] = {"not found",
                                    "cannot open ",
                                    "no such file",
                                    "permission denied",
                                    "syntax error",
                                    "exec format error",
                                    "bad interpreter",
                                    "unbound variable",
                                    "parameter not set",
                                    "ambiguous redirect",
                                    "bad substitution",
                                    "unexpected",
                                    "is a directory",
                                    "read-only file",
                                    "text file busy",
                                    "argument list too",
                                    "killed",
                                    "aborted",
                                    "segmentation fault",
                                    "bus error",
                                    "illegal instruction",
                                    "floating point exception",
                                    "illegal option",
                                    "unknown command",
                                    NULL};

const struct sw_reader sw_reader_shell = {words, open_shell, follow_nothing};
