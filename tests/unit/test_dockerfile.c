#include "stream/step_lines_internal.h"

#include "unit.h"

static const char one_stage[] = "# syntax is not told\n" /* 1 */
                                "ARG X=1\n"              /* 2 */
                                "FROM bb\n"              /* 3 */
                                "ENV A=b\n"              /* 4 */
                                "RUN one \\\n"           /* 5 */
                                "# in between\n"         /* 6 */
                                "\n"                     /* 7 */
                                "  two\n"                /* 8 */
                                "workdir /x\n"           /* 9 */
                                "COPY a /a\n"            /* 10 */
                                "CMD [\"x\"]\n";         /* 11 */

static const char three_stages[] = "FROM --platform=linux/amd64 bb AS Base\n" /* 1 */
                                   "ENV A b\n"                                /* 2 */
                                   "RUN a\n"                                  /* 3 */
                                   "FROM scratch\n"                           /* 4 */
                                   "COPY --from=base /a /a\n"                 /* 5 */
                                   "FROM base AS final\r\n"                   /* 6 */
                                   "COPY a.txt /a.txt\n"                      /* 7 */
                                   "RUN b";                                   /* 8 */

static const struct {
    const char *file;
    bool buildkit;
    const char *name;
    unsigned line;
} cases[] = {
    {one_stage, true, "[1/4] FROM docker.io/library/bb", 3},
    {one_stage, true, "[2/4] RUN one   two", 5},
    {one_stage, true, "[stage-0 3/4] WORKDIR /x", 9},
    {one_stage, true, "[linux/amd64 stage-0 4/4] COPY a /a", 10},
    {one_stage, true, "[4/4] RUN other", 0},
    {one_stage, true, "[2/5] RUN one   two", 0},
    {one_stage, true, "[5/4] RUN one", 0},
    {one_stage, true, "[internal] load build definition from Dockerfile", 0},
    {one_stage, true, "exporting to image", 0},
    {one_stage, false, "[1/7] ARG X=1", 2},
    {one_stage, false, "[2/7] FROM bb", 3},
    {one_stage, false, "[4/8] RUN one   two", 5},
    {one_stage, false, "[8/8] LABEL k=v", 0},
    {one_stage, false, "[1/6] FROM bb", 3}, /* Podman */
    {one_stage, false, "[3/6] RUN one   two", 5},
    {three_stages, true, "[base 1/2] FROM docker.io/library/bb", 1},
    {three_stages, true, "[base 2/2] RUN a", 3},
    {three_stages, true, "[stage-1 1/1] COPY --from=base /a /a", 5},
    {three_stages, true, "[final 1/2] COPY a.txt /a.txt", 7},
    {three_stages, true, "[final 2/2] RUN b", 8},
    {three_stages, true, "[2/2] RUN b", 0},
    {three_stages, true, "[other 2/2] RUN b", 0},
    {three_stages, false, "[8/8] RUN b", 8},
    {three_stages, false, "[1/3 3/3] RUN a", 3},
    {three_stages, false, "[3/3 3/3] RUN b", 8},
    {three_stages, false, "[3/4 3/3] RUN b", 0},
    {"", true, "[1/1] FROM bb", 0},
    {"FROM", true, "[1/1] FROM bb", 1},
};

static void test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        struct sw_dockerfile file;
        sw_dockerfile_init(&file, sw_str_from(cases[i].file));
        struct sw_str name = sw_str_from(cases[i].name);
        unsigned line = cases[i].buildkit ? sw_dockerfile_line_buildkit(&file, name)
                                          : sw_dockerfile_line_classic(&file, name);
        if (line != cases[i].line)
            fail_msg("%s %s: %u instead of %u", cases[i].buildkit ? "buildkit" : "classic", cases[i].name,
                     line, cases[i].line);
        sw_dockerfile_release(&file);
    }
}

int suite_dockerfile(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
