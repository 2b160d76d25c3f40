/* The rows of the table for an image's own words: its user, its ports, its entry point. */
#include "profile/fields_internal.h"

#include "base/limits.h"
#include "profile/values.h"

static const struct sw_schema line = {.kind = SW_SCHEMA_TEXT, .check = sw_value_line};
static const struct sw_schema lines = LIST_MEANT(line, sw_value_meant_words);
static const struct sw_schema script = {.kind = SW_SCHEMA_TEXT, .check = sw_value_step};

static const char *const base_words[] = {"base", "none", NULL};
static const struct sw_schema entrypoint_word = {.kind = SW_SCHEMA_TEXT, .words = base_words};
static const struct sw_schema *const entrypoint_choices[] = {&lines, &entrypoint_word, NULL};
const struct sw_schema sw_fields_entrypoint = ANY_OF(entrypoint_choices);

static const struct sw_schema account = {.kind = SW_SCHEMA_TEXT, .check = sw_value_account};
static const struct sw_schema user_id = {.kind = SW_SCHEMA_INTEGER, .least = 0, .most = SW_MAX_USER_ID};
static const struct sw_schema user_text = {.kind = SW_SCHEMA_TEXT, .check = sw_value_user};
static const struct sw_field user_fields[] = {
    {"name", "the name, which is created if the base lacks it", &account, true, "service"},
    {"id", "its ID; with it the image names the user by the ID, as Kubernetes wants it", &user_id, false,
     "1000"},
    {"group", "its group, which is created if the base lacks it", &account, false, "service"},
    {0},
};
static const struct sw_schema user_parts = {.kind = SW_SCHEMA_OBJECT, .fields = user_fields};
static const struct sw_schema *const user_choices[] = {&user_text, &user_id, &user_parts, NULL};
const struct sw_schema sw_fields_user = ANY_OF(user_choices);

const struct sw_schema sw_fields_workdir = {.kind = SW_SCHEMA_TEXT, .check = sw_value_destination};
static const struct sw_schema volume = {
    .kind = SW_SCHEMA_TEXT, .check = sw_value_destination, .meant = sw_value_meant_volume};
const struct sw_schema sw_fields_volumes = LIST_OF(volume);

static const struct sw_schema port_number = {.kind = SW_SCHEMA_INTEGER, .least = 1, .most = SW_MAX_PORT};
static const struct sw_schema port_text = {
    .kind = SW_SCHEMA_TEXT, .check = sw_value_port, .meant = sw_value_meant_port};
static const struct sw_schema *const port_choices[] = {&port_number, &port_text, NULL};
static const struct sw_schema port = ANY_OF(port_choices);
const struct sw_schema sw_fields_ports = LIST_OF(port);

const struct sw_schema sw_fields_labels = {
    .kind = SW_SCHEMA_MAP, .check = sw_value_label, .items = &line, .most_items = SW_MAX_PROFILE_ITEMS};
const struct sw_schema sw_fields_arguments = {.kind = SW_SCHEMA_MAP,
                                              .check = sw_value_build_argument,
                                              .items = &line,
                                              .most_items = SW_MAX_PROFILE_ITEMS};

static const struct sw_schema signal_number = {.kind = SW_SCHEMA_INTEGER, .least = 1, .most = SW_MAX_SIGNAL};
static const struct sw_schema signal_text = {.kind = SW_SCHEMA_TEXT, .check = sw_value_signal};
static const struct sw_schema *const signal_choices[] = {&signal_number, &signal_text, NULL};
const struct sw_schema sw_fields_stop_signal = ANY_OF(signal_choices);

static const char *const shell_words[] = {"bash", "sh", NULL};
static const struct sw_schema shell_word = {.kind = SW_SCHEMA_TEXT, .words = shell_words};
static const struct sw_schema *const shell_choices[] = {&shell_word, &lines, NULL};
const struct sw_schema sw_fields_shell = ANY_OF(shell_choices);

static const struct sw_schema *const test_choices[] = {&lines, &script, NULL};
static const struct sw_schema test = ANY_OF(test_choices);
static const struct sw_schema seconds = {.kind = SW_SCHEMA_INTEGER, .least = 0, .most = 86400};
static const struct sw_schema duration_text = {.kind = SW_SCHEMA_TEXT, .check = sw_value_duration};
static const struct sw_schema *const duration_choices[] = {&seconds, &duration_text, NULL};
static const struct sw_schema duration = ANY_OF(duration_choices);
static const struct sw_schema retries = {.kind = SW_SCHEMA_INTEGER, .least = 1, .most = 1000};
static const struct sw_field healthcheck_fields[] = {
    {"command", "what must end with status 0: a list of words, or a text for the shell", &test, true,
     "[python, /app/health.py]"},
    {"interval", "the time between two checks", &duration, false, "30s"},
    {"timeout", "the time that a check may take", &duration, false, "5s"},
    {"start_period", "the time in which a failed check does not count", &duration, false, "2m"},
    {"retries", "how many checks must fail in a row", &retries, false, "3"},
    {0},
};
static const struct sw_schema healthcheck = {
    .kind = SW_SCHEMA_OBJECT, .fields = healthcheck_fields, .meant = sw_value_meant_check};
static const char *const none_words[] = {"none", NULL};
static const struct sw_schema healthcheck_none = {.kind = SW_SCHEMA_TEXT, .words = none_words};
static const struct sw_schema *const healthcheck_choices[] = {&healthcheck, &healthcheck_none, NULL};
const struct sw_schema sw_fields_healthcheck = ANY_OF(healthcheck_choices);
