/* A small schema that uses every kind, for test_schema.c and for the comparison with its JSON Schema. */
#ifndef SLIPWAY_TESTS_SCHEMA_EXAMPLE_H
#define SLIPWAY_TESTS_SCHEMA_EXAMPLE_H

#include "data/schema.h"

static const char *example_check_name(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!sw_is_alnum((unsigned char)text.p[i]) && (text.p[i] != '-' || i == 0))
            return "is not a name";
    }
    return text.n == 0 ? "is not a name" : NULL;
}

static const char *example_check_version(struct sw_str text)
{
    size_t digits = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '.' && digits > 0)
            digits = 0;
        else if (sw_is_digit((unsigned char)text.p[i]))
            digits++;
        else
            return "is not a version";
    }
    return digits == 0 ? "is not a version" : NULL;
}

static const char *example_check_variable(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!(text.p[i] >= 'A' && text.p[i] <= 'Z') && text.p[i] != '_')
            return "is not a variable's name";
    }
    return text.n == 0 ? "is not a variable's name" : NULL;
}

static const struct sw_schema example_text = {.kind = SW_SCHEMA_TEXT};
static const struct sw_schema example_any = {.kind = SW_SCHEMA_ANY};
static const struct sw_schema example_bool = {.kind = SW_SCHEMA_BOOL};
static const struct sw_schema example_format = {.kind = SW_SCHEMA_INTEGER, .least = 1, .most = 1};
static const struct sw_schema example_tries = {.kind = SW_SCHEMA_INTEGER, .least = 0, .most = 10};
static const struct sw_schema example_number = {.kind = SW_SCHEMA_INTEGER};
static const struct sw_schema example_name = {
    .kind = SW_SCHEMA_TEXT, .check = example_check_name, .pattern = "^[A-Za-z0-9][A-Za-z0-9-]*$"};
static const struct sw_schema example_version = {
    .kind = SW_SCHEMA_TEXT, .check = example_check_version, .pattern = "^[0-9]+(\\.[0-9]+)*$"};
static const char *const example_installers[] = {"pip", "uv", NULL};
static const struct sw_schema example_installer = {.kind = SW_SCHEMA_TEXT, .words = example_installers};

static const struct sw_field example_torch_fields[] = {
    {"version", "The release.", &example_version, true, "\"2.8.0\""},
    {"cuda", "The CUDA of its wheels.", &example_version, false, "\"12.8\""},
    {0},
};
static const struct sw_schema example_torch_map = {.kind = SW_SCHEMA_OBJECT, .fields = example_torch_fields};
static const struct sw_schema *const example_torch_choices[] = {&example_version, &example_torch_map, NULL};
static const struct sw_schema example_torch = {.kind = SW_SCHEMA_ANY_OF, .choices = example_torch_choices};

static const struct sw_schema example_requirements = {
    .kind = SW_SCHEMA_LIST, .items = &example_text, .most_items = 3};
static const struct sw_schema example_environment = {.kind = SW_SCHEMA_MAP,
                                                     .items = &example_text,
                                                     .check = example_check_variable,
                                                     .pattern = "^[A-Z_]+$",
                                                     .most_items = 4};

static const struct sw_field example_that_fields[] = {
    {"that", "What is looked at.", &example_text, true, "torch.version.cuda"},
    {"is", "What it must be.", &example_text, true, "\">=12.4\""},
    {0},
};
static const struct sw_field example_import_fields[] = {
    {"import", "A module.", &example_text, true, "torch"},
    {"is", "Its release.", &example_text, false, NULL},
    {0},
};
static const struct sw_schema example_that = {.kind = SW_SCHEMA_OBJECT, .fields = example_that_fields};
static const struct sw_schema example_import = {.kind = SW_SCHEMA_OBJECT, .fields = example_import_fields};
static const struct sw_schema *const example_assertion_choices[] = {&example_that, &example_import, NULL};
static const struct sw_schema example_assertion = {.kind = SW_SCHEMA_ANY_OF,
                                                   .choices = example_assertion_choices};
static const struct sw_schema example_assertions = {.kind = SW_SCHEMA_LIST, .items = &example_assertion};
static const struct sw_schema example_options = {.kind = SW_SCHEMA_LIST};

static const struct sw_field example_fields[] = {
    {"format", "The version of the format.", &example_format, true, "1"},
    {"name", "What it is called.", &example_name, true, "mixtral"},
    {"python_version", "The Python inside.", &example_version, false, "\"3.11\""},
    {"installer", "What installs.", &example_installer, false, "uv"},
    {"guard", "Whether to refuse to start.", &example_bool, false, "true"},
    {"tries", "How often a download is tried.", &example_tries, false, "3"},
    {"priority", "Any number.", &example_number, false, "-5"},
    {"torch", "The torch release.", &example_torch, false, "{version: \"2.8.0\", cuda: \"12.8\"}"},
    {"requirements", "What to install.", &example_requirements, false, "[numpy]"},
    {"environment", "Variables.", &example_environment, false, "{CUDA: \"128\"}"},
    {"assertions", "What must hold.", &example_assertions, false, "[{import: torch}]"},
    {"options", "A list of anything.", &example_options, false, "[1, two, [3]]"},
    {"extra", "Anything.", &example_any, false, NULL},
    {0},
};
static const struct sw_schema example_schema = {.kind = SW_SCHEMA_OBJECT, .fields = example_fields};

#endif
