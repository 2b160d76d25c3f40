#include "diagnose/rules.h"

#include "base/limits.h"

static const struct sw_schema text = {.kind = SW_SCHEMA_TEXT};
static const struct sw_schema flag = {.kind = SW_SCHEMA_BOOL};
static const struct sw_schema texts = {.kind = SW_SCHEMA_LIST, .items = &text};
static const struct sw_schema pairs = {.kind = SW_SCHEMA_MAP, .items = &text};

static const char *const severities[] = {"error", "warning", "note", NULL};
static const struct sw_schema severity = {.kind = SW_SCHEMA_TEXT, .words = severities};
static const char *const operations[] = {"set", "add", "remove", NULL};
static const char *const places[] = {"build", "run", NULL};
static const struct sw_schema place = {.kind = SW_SCHEMA_TEXT, .words = places};
static const struct sw_schema operation = {.kind = SW_SCHEMA_TEXT, .words = operations};
static const struct sw_schema rank = {.kind = SW_SCHEMA_INTEGER, .least = 0, .most = 100};
static const struct sw_schema within = {.kind = SW_SCHEMA_INTEGER, .least = 1, .most = SW_MAX_LOG_TAIL};

static const struct sw_field near_fields[] = {
    {"match", "a pattern for the lines around, with their line ends", &text, true, NULL},
    {"within", "so many lines, blank ones not counted", &within, false, NULL},
    {"required", "without it the rule does not match", &flag, false, NULL},
    {"all", "every match is evidence, not the first alone", &flag, false, NULL},
    {"absent", "a match excludes the rule", &flag, false, NULL},
    {0},
};
static const struct sw_schema near = {.kind = SW_SCHEMA_OBJECT, .fields = near_fields};
static const struct sw_schema nears = {.kind = SW_SCHEMA_LIST, .items = &near};

static const struct sw_field derived_fields[] = {
    {"from", "the group or derived value it is made from", &text, true, NULL},
    {"map", "what it is for each value", &pairs, false, NULL},
    {"replace", "texts to put in place of others", &pairs, false, NULL},
    {"otherwise", "what it is for a value that 'map' does not have", &text, false, NULL},
    {"missing", "what it is if there is nothing to make it from", &text, false, NULL},
    {0},
};
static const struct sw_schema derived_one = {.kind = SW_SCHEMA_OBJECT, .fields = derived_fields};
static const struct sw_schema derived = {.kind = SW_SCHEMA_MAP, .items = &derived_one};

static const struct sw_field condition_fields[] = {
    {"path", "a path in the profile", &text, true, NULL},
    {"is", "its value is this", &text, false, NULL},
    {"is_not", "it has a value, and that is another", &text, false, NULL},
    {"exists", "it is there, or is not", &flag, false, NULL},
    {0},
};
static const struct sw_schema condition = {.kind = SW_SCHEMA_OBJECT, .fields = condition_fields};
static const struct sw_schema conditions = {.kind = SW_SCHEMA_LIST, .items = &condition};

static const struct sw_field edit_fields[] = {
    {"op", "set, add or remove", &operation, true, NULL},
    {"path", "a path in the profile", &text, true, NULL},
    {"value", "the new value", &text, false, NULL},
    {"when", "only where the profile says so", &conditions, false, NULL},
    {0},
};
static const struct sw_schema edit = {.kind = SW_SCHEMA_OBJECT, .fields = edit_fields};
static const struct sw_schema edits = {.kind = SW_SCHEMA_LIST, .items = &edit};

static const struct sw_field example_fields[] = {
    {"match", "texts that the rule must match", &texts, true, NULL},
    {"no", "texts that it must not match", &texts, true, NULL},
    {0},
};
static const struct sw_schema examples = {.kind = SW_SCHEMA_OBJECT, .fields = example_fields};

static const struct sw_field rule_fields[] = {
    {"id", "the rule's name, which does not change", &text, true, NULL},
    {"code", "the finding's code", &text, true, NULL},
    {"severity", "how bad it is", &severity, false, NULL},
    {"rank", "the greater is told first", &rank, false, NULL},
    {"symptom", "it says that something failed, not why", &flag, false, NULL},
    {"consequence", "it says so too, and is told if nothing else is", &flag, false, NULL},
    {"transient", "a fault that the tool itself tries to get over", &flag, false, NULL},
    {"again", "the fault of a transient rule was told by the lines before", &flag, false, NULL},
    {"success", "what came before in the step was overcome", &flag, false, NULL},
    {"background", "it is told only if it explains another", &flag, false, NULL},
    {"each", "every match is a failure of its own", &flag, false, NULL},
    {"in", "only in a step of a build, or only outside of one", &place, false, NULL},
    {"survives", "it counts although the step ended well", &flag, false, NULL},
    {"source", "where the words come from", &text, true, NULL},
    {"match", "a pattern for one line", &text, true, NULL},
    {"line", "further patterns for the same line", &nears, false, NULL},
    {"step", "patterns for the name of the step, or the command", &nears, false, NULL},
    {"before", "patterns for the lines before", &nears, false, NULL},
    {"after", "patterns for the lines after", &nears, false, NULL},
    {"derive", "values made from values", &derived, false, NULL},
    {"when", "only where the profile says so", &conditions, false, NULL},
    {"message", "what is wrong, one line", &text, true, NULL},
    {"cause", "why", &text, false, NULL},
    {"hint", "what to do", &text, false, NULL},
    {"proof", "what the log cannot show, and the command that would", &text, false, NULL},
    {"at", "paths in the profile to point to, the best first", &texts, false, NULL},
    {"fix", "edits of the profile", &edits, false, NULL},
    {"explains", "rules that this one makes superfluous", &texts, false, NULL},
    {"url", "where to read more", &text, false, NULL},
    {"examples", "texts that must match and texts that must not", &examples, true, NULL},
    {0},
};
static const struct sw_schema rule = {.kind = SW_SCHEMA_OBJECT, .fields = rule_fields};
static const struct sw_schema rule_list = {.kind = SW_SCHEMA_LIST, .items = &rule};

static const struct sw_field file_fields[] = {
    {"rules", "the rules of one family", &rule_list, true, NULL},
    {0},
};
const struct sw_schema sw_rule_file_schema = {.kind = SW_SCHEMA_OBJECT, .fields = file_fields};
