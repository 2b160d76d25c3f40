#include "author/draft.h"
#include "base/file.h"
#include "base/limits.h"
#include "profile/profile.h"

#include "unit.h"

#include <unistd.h>

/* Every draft of the cases of `slipway init` is a profile without a fault, which those cases ask `check`; here is what the
 * command cannot show. */
static const struct sw_draft_left *read_text(struct sw_draft *draft, const char *suffix, const char *text,
                                             struct sw_error *error, int expected)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/tmp/slipway-draft-XXXXXX%s", suffix);
    int fd = mkstemps(path, (int)strlen(suffix));
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
    (void)close(fd);
    struct sw_allowed_path folder = {"/tmp", SW_ACCESS_READ};
    const struct sw_permissions permissions = {.paths = &folder, .paths_count = 1};
    assert_int_equal(sw_draft_read(draft, &permissions, path, error), expected);
    (void)unlink(path);
    size_t count;
    const struct sw_draft_left *left = sw_draft_left(draft, &count);
    return count == 0 ? NULL : &left[0];
}

static void test_values_are_checked(void **state)
{
    (void)state;
    SW_CATALOG_AUTO catalog = {0};
    struct sw_error error;
    assert_int_equal(sw_catalog_load(&catalog, NULL, &error), 0);
    static const struct {
        const char *suffix, *text, *left;
    } cases[] = {
        {"", "FROM debian:12\nENV A=\"\x01\"\n", "control"},
        {"", "FROM debian:12\nENV 1A=b\n", "variable's name"},
        {"", "FROM debian:12\nCOPY ../x /x\n", "below the context"},
        {"", "FROM debian:12\nCOPY x /a/../b\n", "absolute path"},
        {"", "FROM debian:12\nRUN apt-get install -y 'a b'\n", "package of the distribution"},
        {"", "FROM debian:12\nRUN pip install 'a=1'\n", "PEP 508"},
        {".yaml", "python_version: python3\n", "py311"},
        {".yaml", "resources: {accelerator: \"X9:2\"}\n", "no GPU"},
        {".txt", "--index-url https://u:p@example.org/simple\n", "indexes"},
    };
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        struct sw_draft *draft = sw_draft_new("x", &catalog, NULL);
        assert_non_null(draft);
        const struct sw_draft_left *left = read_text(draft, cases[i].suffix, cases[i].text, &error, 0);
        assert_non_null(left);
        if (strstr(left->why, cases[i].left) == NULL)
            fail_msg("%s: %s", cases[i].text, left->why);
        sw_draft_free(draft);
    }
}

static void test_refused(void **state)
{
    (void)state;
    SW_CATALOG_AUTO catalog = {0};
    struct sw_error error;
    assert_int_equal(sw_catalog_load(&catalog, NULL, &error), 0);
    struct sw_draft *draft = sw_draft_new("x", &catalog, NULL);
    assert_non_null(draft);
    (void)read_text(draft, "", "RUN pip install x\n", &error, SW_EINPUT);
    (void)read_text(draft, ".yaml", "- a\n", &error, SW_EINPUT);
    (void)read_text(draft, ".yaml", "a: [\n", &error, SW_EINPUT);
    (void)read_text(draft, ".txt", "-r missing.txt\n", &error, SW_ENOTFOUND);
    assert_int_equal(sw_draft_gpu(draft, "gtx-5090", &error), SW_EINPUT);
    assert_string_equal(error.hint, "did you mean 'rtx-5090'? 'slipway gpus' lists those known");
    sw_draft_free(draft);
    sw_draft_free(NULL);
}

/* Instructions for a Dockerfile that installs `six`, and a part of the reason for which a profile gives another image; NULL if it
 * gives the same. */
static const struct {
    const char *text, *why;
} images[] = {
    {"RUN pip install six\n", NULL},
    {"ENV A=b\nWORKDIR /app\nCOPY a.txt .\nRUN pip install six\nCOPY app.py /app/\nRUN chmod +x app.py\nCMD "
     "python app.py\n",
     NULL},
    {"RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf "
     "/var/lib/apt/lists/*\nRUN pip install six\n",
     NULL},
    {"RUN apt-get install -y git\nRUN pip install six\n", NULL},
    {"ARG A\nRUN pip install six\nENTRYPOINT [\"a\"]\nCMD [\"b\"]\nUSER root\n", NULL},
    {"ENV PATH=/opt/tools:$PATH\nRUN pip install six && pip uninstall -y nine\n", NULL},
    {"RUN pip install six\nCOPY --chown=ada --link a /a\nUSER ada\n", NULL},
    {"RUN pip install six\nFROM python:3.11-slim\nRUN pip install six\n", NULL},
    {"RUN curl -f https://example.org/x | sh && pip install six\n", "behind what stands in line 2"},
    {"RUN mkdir /a\nRUN apt-get install git\nRUN pip install six\n", "behind what stands in line 3"},
    {"RUN pip install six\nRUN git clone x /a\nCOPY b /a/\n", "behind what stands in line 4"},
    {"RUN pip install six\nRUN python load.py\nENV OFFLINE=1\n", "behind what stands in line 4"},
    {"RUN if true; then make; fi\nRUN pip install six\n", "behind what stands in line 3"},
    {"COPY pip.conf /etc/\nRUN pip install six\n", "behind what stands in line 3"},
    {"RUN pip install six\nENV LD_PRELOAD=x.so\n", "installs have it too"},
    {"RUN pip install six\nENV PATH=/bin\n", "no place for the profile's"},
    {"RUN apt-get upgrade\nRUN pip install six\n", "as they are"},
    {"RUN pip install six\nUSER ada\nRUN touch /tmp/a\n", "run as root"},
    {"RUN pip install six\nCOPY --chown=ada a /a\n", "belong to root"},
    {"RUN pip install six\nCOPY a /a\nUSER ada\n", "belong to its user"},
    {"RUN pip install six\nCOPY --chmod=755 a /a\n", "keep their mode"},
    {"RUN pip install six\nCOPY --parents a/b /a\n", "no such option"},
    {"RUN pip install six\nCOPY --from=node:22 /bin/node /bin/\n", "another stage or image"},
    {"RUN pip install six\nADD a.tar.gz /a\n", "ADD unpacks it"},
    {"RUN pip install six\nADD https://example.org/a /a\n", "fetch it"},
    {"RUN pip install six\nCOPY <<EOF /a\nb\nEOF\n", "not a source"},
    {"RUN -- pip install six\nRUN pip install six\n", "no such option"},
    {"RUN --mount=type=ssh pip install six\n", "no such option"},
    {"RUN --mount=type=secret,id=a,target=/a pip install six\n", "no such option"},
    {"RUN --mount=from=node:22,target=/a pip install six\n", "another stage"},
    {"RUN pip install -r gone.txt six\n", "no COPY brings"},
    {"RUN pip install six\nCMD [\"/usr/local/bin/python\", \"a.py\"]\n", "in /opt/venv"},
    {"RUN pip install six\nRUN sed -i s/a/b/ /usr/local/lib/python3.11/site-packages/six.py\n",
     "in /opt/venv"},
    {"SHELL [\"conda\", \"run\", \"-n\", \"x\"]\nRUN pip install six\n", "in its own environment"},
    {"RUN pip install six && uv sync\n", "an environment of its own"},
    {"ENV PIP_CONSTRAINT=/c.txt\nRUN pip install six\n", "its own constraints"},
    {"RUN pip install six\nONBUILD RUN true\n", "built on this image"},
    {"RUN pip install six\nCMD []\n", "cannot clear"},
    {"RUN pip install six\nMAINTAINER ada\n", "has no key"},
};

/* A loss is said with its reason; what a profile has as the Dockerfile has it is not said to be a loss. */
static void test_another_image(void **state)
{
    (void)state;
    SW_CATALOG_AUTO catalog = {0};
    struct sw_error error;
    assert_int_equal(sw_catalog_load(&catalog, NULL, &error), 0);
    for (size_t i = 0; i < SW_COUNT(images); i++) {
        char text[512];
        size_t count;
        bool found = images[i].why == NULL;
        struct sw_draft *draft = sw_draft_new("x", &catalog, NULL);
        assert_non_null(draft);
        (void)snprintf(text, sizeof text, "FROM python:3.11-slim\n%s", images[i].text);
        (void)read_text(draft, "", text, &error, 0);
        const struct sw_draft_left *left = sw_draft_left(draft, &count);
        for (size_t k = 0; images[i].why != NULL && k < count; k++)
            found = found || (left[k].alters && strstr(left[k].why, images[i].why) != NULL);
        if (!found || sw_draft_alters(draft) != (images[i].why != NULL))
            fail_msg("%s: %s", images[i].text, count == 0 ? "nothing is left" : left[0].why);
        sw_draft_free(draft);
    }
}

int suite_draft(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_checked),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_another_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
