/* Runs suites of unit tests.
 *
 * usage: unit [SUITE...]     all of them without an argument; exit status 1 if a test failed, 2 if there is no such suite */
#include "unit.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct suite {
    const char *name;
    int (*run)(void);
};

#define UNIT_ROW(name) {#name, suite_##name},
static const struct suite suites[] = {UNIT_SUITES(UNIT_ROW)};
#undef UNIT_ROW

enum { SUITES = sizeof suites / sizeof suites[0] };

static const struct suite *find_suite(const char *name)
{
    for (size_t i = 0; i < SUITES; i++) {
        if (strcmp(suites[i].name, name) == 0)
            return &suites[i];
    }
    return NULL;
}

static int unknown_suite(const char *name)
{
    fprintf(stderr, "unit: there is no suite '%s'; there are:", name);
    for (size_t i = 0; i < SUITES; i++)
        fprintf(stderr, " %s", suites[i].name);
    fputs("\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    bool failed = false;
    (void)signal(SIGPIPE, SIG_IGN); /* as in slipway */
    for (int i = 1; i < argc; i++) {
        const struct suite *suite = find_suite(argv[i]);
        if (suite == NULL)
            return unknown_suite(argv[i]);
        failed = suite->run() != 0 || failed;
    }
    for (size_t i = 0; argc == 1 && i < SUITES; i++)
        failed = suites[i].run() != 0 || failed;
    return failed;
}
