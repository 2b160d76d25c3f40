#include "lock/git_refs.h"

#include <string.h>

enum { LENGTH_DIGITS = 4, COMMIT_DIGITS = 40 };

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Cut the next packet from `*rest`, which becomes {NULL, 0} at the end and at a fault. A flush packet is empty. */
static struct sw_str cut_packet(struct sw_str *rest)
{
    size_t length = 0;
    bool good = rest->n >= LENGTH_DIGITS;
    for (size_t i = 0; good && i < LENGTH_DIGITS; i++) {
        int digit = hex_digit(rest->p[i]);
        good = digit >= 0;
        length = length * 16 + (size_t)(good ? digit : 0);
    }
    bool flush = good && length == 0;
    if (!flush && (!good || length < LENGTH_DIGITS || length > rest->n)) {
        *rest = (struct sw_str){NULL, 0};
        return *rest;
    }
    struct sw_str packet = {rest->p + LENGTH_DIGITS, flush ? 0 : length - LENGTH_DIGITS};
    *rest = sw_str_drop(*rest, flush ? LENGTH_DIGITS : length);
    if (rest->n == 0)
        *rest = (struct sw_str){NULL, 0};
    return packet;
}

/* Read "COMMIT NAME\n", behind whose first name a NUL and the server's abilities stand. */
static bool read_ref(struct sw_str *commit, struct sw_str *name, struct sw_str packet)
{
    if (packet.n <= COMMIT_DIGITS || packet.p[COMMIT_DIGITS] != ' ')
        return false;
    for (size_t i = 0; i < COMMIT_DIGITS; i++) {
        if (hex_digit(packet.p[i]) < 0)
            return false;
    }
    *commit = (struct sw_str){packet.p, COMMIT_DIGITS};
    *name = sw_str_drop(packet, COMMIT_DIGITS + 1);
    *name = sw_str_cut(name, '\0');
    *name = sw_str_trim(*name);
    return true;
}

/* Return how well a name of the repository fits a revision: 1 is best, 0 is not at all. */
static unsigned rank(struct sw_str name, struct sw_str revision)
{
    static const char *const before[] = {"refs/heads/", "refs/tags/", ""};
    if (revision.n == 0)
        return sw_str_is(name, "HEAD");
    for (unsigned i = 0; i < SW_COUNT(before); i++) {
        struct sw_str peeled = {name.p, sw_str_ends(name, "^{}") ? name.n - strlen("^{}") : name.n};
        if (sw_str_starts(peeled, before[i]) &&
            sw_str_equal(sw_str_drop(peeled, strlen(before[i])), revision))
            return peeled.n < name.n ? 2 * i + 1 : 2 * i + 2;
    }
    return 0;
}

struct sw_str sw_git_refs_find(struct sw_str answer, struct sw_str revision)
{
    struct sw_str found = {"", 0}, commit, name;
    unsigned best = 0;
    if (answer.n == 0)
        return found;
    while (answer.p != NULL) {
        struct sw_str packet = cut_packet(&answer);
        unsigned fits = read_ref(&commit, &name, packet) ? rank(name, revision) : 0;
        if (fits > 0 && (best == 0 || fits < best)) {
            best = fits;
            found = commit;
        }
    }
    return found;
}
