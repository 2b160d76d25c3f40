#include "unit.h"

#include "engine/container_internal.h"

#include <inttypes.h>
#include <sys/wait.h>
#include <unistd.h>

static void a_living_process_owns_its_containers(void **state)
{
    (void)state;
    char own[SW_OWNER_SIZE];
    bool known = false;
    sw_container_owner(own);
    assert_false(sw_container_is_orphan(own, &known));
    assert_true(known);
}

/* The child's number may belong to a later process, which then has another start. */
static void a_process_that_has_ended_owns_nothing(void **state)
{
    (void)state;
    char label[SW_OWNER_SIZE] = "";
    int ends[2];
    bool known = false;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        char own[SW_OWNER_SIZE] = "";
        sw_container_owner(own);
        _exit(write(ends[1], own, sizeof own) == sizeof own ? 0 : 1);
    }
    assert_int_equal(read(ends[0], label, sizeof label), sizeof label);
    assert_int_equal(waitpid(child, NULL, 0), child);
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_true(sw_container_is_orphan(label, &known));
    assert_true(known);
}

static void a_reused_number_is_another_process(void **state)
{
    (void)state;
    char label[SW_OWNER_SIZE];
    bool known = false;
    sw_container_owner(label);
    label[strlen(label) - 1] = label[strlen(label) - 1] == '1' ? '2' : '1';
    assert_true(sw_container_is_orphan(label, &known));
}

static void nothing_is_known_of_other_hosts(void **state)
{
    (void)state;
    char own[SW_OWNER_SIZE], cut[SW_OWNER_SIZE];
    sw_container_owner(own);
    (void)snprintf(cut, sizeof cut, "%s", own);
    *strrchr(cut, '/') = '\0';
    const char *const labels[] = {"", "1", "////", "another-boot/pid:[1]/1/1", own + 1, cut};
    for (size_t i = 0; i < SW_COUNT(labels); i++) {
        bool known = true;
        assert_false(sw_container_is_orphan(labels[i], &known));
        assert_false(known);
    }
}

int suite_container(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_living_process_owns_its_containers),
        cmocka_unit_test(a_process_that_has_ended_owns_nothing),
        cmocka_unit_test(a_reused_number_is_another_process),
        cmocka_unit_test(nothing_is_known_of_other_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
