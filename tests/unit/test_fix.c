#include "unit.h"

#include "base/file.h"
#include "base/limits.h"
#include "profile/fix.h"
#include "profile/profile.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder with a profile, its parent and a fix in the making. */
struct place {
    char folder[64];
    struct sw_arena arena;
    struct sw_permissions permissions;
    const char *own, *parent;
    struct sw_profile profile;
    struct sw_findings findings;
    struct sw_fix fix;
};

static const char OWN[] = "slipway: 1\nname: a\nextends: base\nrequirements:\n  - torch # own\n"
                          "assertions:\n  - {that: numpy, is: \"<2\"}\n";
static const char PARENT[] =
    "slipway: 1\nname: base\npython_version: \"3.10\"\nrequirements:\n  - scipy\n  - bitsandbytes==0.42.0 "
    "# parent's\nassertions:\n  - {import: scipy}\n";

static const char *write_file(struct place *place, const char *name, struct sw_str text)
{
    const char *path = sw_path_join(&place->arena, place->folder, name);
    assert_non_null(path);
    assert_int_equal(sw_file_write(path, text, 0644, NULL), 0);
    return path;
}

static void check_file(const char *path, const char *wanted)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MIB);
    assert_int_equal(sw_file_read(&text, path, NULL), 0);
    assert_string_equal(text.p, wanted);
}

static int load(struct place *place)
{
    const struct sw_profile_source source = sw_profile_on_disk(&place->permissions);
    return sw_profile_load(&place->profile, place->own, &source, &place->findings, NULL);
}

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    (void)snprintf(place->folder, sizeof place->folder, "/tmp/slipway-fix-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    sw_arena_init(&place->arena, SW_MIB);
    sw_findings_init(&place->findings);
    place->permissions.arena = &place->arena;
    assert_int_equal(
        sw_permissions_add_path(&place->permissions, place->folder, SW_ACCESS_READ | SW_ACCESS_WRITE, NULL),
        0);
    place->fix.permissions = &place->permissions;
    place->own = write_file(place, "a.yaml", sw_str_from(OWN));
    place->parent = write_file(place, "base.yaml", sw_str_from(PARENT));
    assert_int_equal(load(place), 0);
    assert_non_null(place->profile.root);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    sw_fix_release(&place->fix);
    sw_profile_release(&place->profile);
    sw_findings_release(&place->findings);
    assert_int_equal(sw_dir_remove(place->folder, NULL), 0);
    sw_arena_release(&place->arena);
    free(place);
    return 0;
}

static int apply(struct place *place, enum sw_edit_op op, const char *path, const char *value)
{
    struct sw_finding *finding = sw_findings_add(&place->findings, "SW399", SW_ERROR, "test");
    sw_finding_fix(&place->findings, finding, op, path, value);
    return sw_fix_apply(&place->fix, place->profile.root, place->own, finding, NULL);
}

/* The text that `path` is to have has `wanted` in it. */
static void will_have(const struct place *place, const char *path, const char *wanted)
{
    struct sw_str text;
    assert_true(sw_fix_text(&text, &place->fix, path));
    if (sw_str_find(text, sw_str_from(wanted)) == text.n)
        fail_msg("no '%s' in:\n%.*s", wanted, SW_STR_FORMAT(text));
}

static void a_value_is_changed_where_it_stands(void **state)
{
    struct place *place = *state;
    assert_int_equal(apply(place, SW_EDIT_SET, "requirements[bitsandbytes]", "bitsandbytes>=0.45.3"), 0);
    will_have(place, place->parent, "  - bitsandbytes>=0.45.3 # parent's\n");
    assert_int_equal(apply(place, SW_EDIT_SET, "requirements[2]", "torch==2.8.0"), 0);
    will_have(place, place->own, "  - torch==2.8.0 # own\n");
    assert_int_equal(apply(place, SW_EDIT_SET, "assertions[1].is", "<3"),
                     0); /* the child's first, behind the parent's */
    will_have(place, place->own, "{that: numpy, is: \"<3\"}");
    assert_int_equal(apply(place, SW_EDIT_SET, "assertions[that=numpy].is", "<4"), 0);
    will_have(place, place->own, "{that: numpy, is: \"<4\"}");
    assert_int_equal(apply(place, SW_EDIT_SET, "python_version", "3.11"), 0);
    will_have(place, place->parent, "python_version: \"3.11\"\n");
    check_file(place->own, OWN);
    check_file(place->parent, PARENT);
}

static void what_is_new_goes_to_the_profile_itself(void **state)
{
    struct place *place = *state;
    assert_int_equal(apply(place, SW_EDIT_ADD, "requirements", "numpy"), 0);
    will_have(place, place->own, "  - numpy\n");
    assert_int_equal(apply(place, SW_EDIT_ADD, "constraints", "numpy<2"), 0);
    will_have(place, place->own, "constraints:\n");
    assert_int_equal(apply(place, SW_EDIT_SET, "environment.A", "b"), 0);
    will_have(place, place->own, "environment:\n");
    struct sw_str text;
    assert_false(sw_fix_text(&text, &place->fix, place->parent));
}

static void all_edits_of_a_finding_or_none(void **state)
{
    struct place *place = *state;
    assert_int_equal(apply(place, SW_EDIT_SET, "requirements[torch]", "torch==2.8.0"), 0);
    struct sw_finding *finding = sw_findings_add(&place->findings, "SW399", SW_ERROR, "test");
    sw_finding_fix(&place->findings, finding, SW_EDIT_SET, "requirements[torch]", "torch==2.9.0");
    sw_finding_fix(&place->findings, finding, SW_EDIT_SET, "requirements[scipy]", "scipy<2");
    sw_finding_fix(&place->findings, finding, SW_EDIT_SET, "requirements[nothere]", "nothere");
    assert_int_equal(sw_fix_apply(&place->fix, place->profile.root, place->own, finding, NULL), SW_ENOTFOUND);
    will_have(place, place->own, "  - torch==2.8.0 # own\n");
    will_have(place, place->parent, "  - scipy\n");
    assert_int_equal(apply(place, SW_EDIT_SET, "requirements[torch", "torch"), SW_ENOTFOUND);
}

static void an_undone_fix_leaves_the_one_before(void **state)
{
    struct place *place = *state;
    assert_int_equal(apply(place, SW_EDIT_SET, "requirements[torch]", "torch==2.8.0"), 0);
    assert_true(sw_fix_moved(&place->fix));
    assert_int_equal(apply(place, SW_EDIT_SET, "requirements[scipy]", "scipy<2"), 0);
    sw_fix_undo(&place->fix);
    will_have(place, place->own, "  - torch==2.8.0 # own\n");
    will_have(place, place->parent, "  - scipy\n");
    assert_int_equal(apply(place, SW_EDIT_SET, "requirements[torch]", "torch==2.8.0"), 0);
    assert_false(sw_fix_moved(&place->fix));
    assert_true(sw_fix_differs(&place->fix));
}

static void links_modes_and_owners_stay(void **state)
{
    struct place *place = *state;
    const char *real = sw_path_join(&place->arena, place->folder, "real.yaml");
    assert_int_equal(rename(place->own, real), 0);
    assert_int_equal(symlink("real.yaml", place->own), 0);
    assert_int_equal(chmod(real, 0664), 0);
    assert_int_equal(apply(place, SW_EDIT_SET, "requirements[torch]", "torch==2.8.0"), 0);
    assert_int_equal(sw_fix_write(&place->fix, NULL), 0);
    struct stat status;
    assert_int_equal(lstat(place->own, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(stat(real, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0664);
    check_file(place->parent, PARENT);
}

static void a_file_that_changed_is_left_alone(void **state)
{
    struct place *place = *state;
    struct sw_error error;
    assert_int_equal(apply(place, SW_EDIT_SET, "requirements[torch]", "torch==2.8.0"), 0);
    assert_int_equal(apply(place, SW_EDIT_SET, "requirements[scipy]", "scipy<2"), 0);
    (void)write_file(place, "base.yaml", SW_STR("slipway: 1\n"));
    assert_int_equal(sw_fix_write(&place->fix, &error), SW_ENO);
    check_file(place->own, OWN);
    check_file(place->parent, "slipway: 1\n");
}

/* Two builds at once may both mend a parent that they share. */
static void another_s_same_edit_is_as_good(void **state)
{
    struct place *place = *state;
    assert_int_equal(apply(place, SW_EDIT_SET, "requirements[torch]", "torch==2.8.0"), 0);
    assert_int_equal(apply(place, SW_EDIT_SET, "requirements[scipy]", "scipy<2"), 0);
    struct sw_str wanted = {0};
    assert_true(sw_fix_text(&wanted, &place->fix, place->parent));
    (void)write_file(place, "base.yaml", wanted);
    assert_int_equal(sw_fix_write(&place->fix, NULL), 0);
    check_file(place->parent, wanted.p);
    assert_true(sw_fix_text(&wanted, &place->fix, place->own));
    check_file(place->own, wanted.p);
}

/* The parent is longer than a file may be, so that its new text cannot be written; the profile itself is shorter. */
static void a_write_that_fails_is_taken_back(void **state)
{
    enum { LARGEST = 4096 };
    struct place *place = *state;
    char text[sizeof PARENT + LARGEST];
    int n = snprintf(text, sizeof text, "%s", PARENT);
    memset(text + n, '\n', sizeof text - (size_t)n - 1); /* blank lines */
    text[sizeof text - 1] = '\0';
    (void)write_file(place, "base.yaml", sw_str_from(text));
    sw_profile_release(&place->profile);
    assert_int_equal(load(place), 0);
    assert_int_equal(apply(place, SW_EDIT_SET, "requirements[torch]", "torch==2.8.0"), 0);
    assert_int_equal(apply(place, SW_EDIT_SET, "requirements[scipy]", "scipy<2"), 0);
    struct rlimit usual, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
    small = usual;
    small.rlim_cur = LARGEST;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct sw_error error;
    int code = sw_fix_write(&place->fix, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(code, SW_EENV);
    check_file(place->own, OWN);
    check_file(place->parent, text);
}

int suite_fix(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_value_is_changed_where_it_stands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_new_goes_to_the_profile_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_edits_of_a_finding_or_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_undone_fix_leaves_the_one_before, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_modes_and_owners_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_changed_is_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_s_same_edit_is_as_good, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_write_that_fails_is_taken_back, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("fix", tests, NULL, NULL);
}
