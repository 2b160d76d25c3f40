/* Cases as data: a folder of text files, each with any number of cases.
 *
 *   === what the case shows
 *   >>> a section's name
 *   its text, up to the next line that begins with === or >>>
 *
 * After the name may stand flags in brackets: [crlf] turns each line end into CR LF, [no end] takes off the
 * last one. An empty line before === only parts the cases; text before the first one is a comment. */
#ifndef SLIPWAY_TESTS_CASES_H
#define SLIPWAY_TESTS_CASES_H

#include "base/arena.h"

struct test_section {
    struct sw_str name;
    struct sw_str text; /* NUL-terminated */
};

struct test_case {
    const char *file;
    unsigned line; /* of its title */
    struct sw_str title;
    struct test_section sections[8];
    size_t count;
    struct sw_arena *arena; /* for the test's own use */
};

/* Run every case of the *.txt files in tests/cases/FOLDER, in the order of the files' names, and return how
 * many there were. What cannot be read fails the test. */
size_t test_cases_run(const char *folder, void (*run)(const struct test_case *));

/* NULL where the case has no such section. */
const struct test_section *test_case_section(const struct test_case *test, const char *name);

/* The case has failed, and its place is told, unless both are the same; the others still run. */
void test_case_expect(const struct test_case *test, const char *what, const char *expected,
                      const char *found);

#endif
