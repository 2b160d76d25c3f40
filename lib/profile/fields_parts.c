/* The rows of the table for the origins of an image's parts: files, package repositories, steps. */
#include "profile/fields_internal.h"

#include "base/limits.h"
#include "profile/values.h"

static const struct sw_schema boolean = {.kind = SW_SCHEMA_BOOL};
static const struct sw_schema url = {.kind = SW_SCHEMA_TEXT, .check = sw_value_url};
static const struct sw_schema sha256 = {.kind = SW_SCHEMA_TEXT, .check = sw_value_sha256};
static const struct sw_schema destination = {.kind = SW_SCHEMA_TEXT, .check = sw_value_destination};
static const struct sw_schema script = {.kind = SW_SCHEMA_TEXT, .check = sw_value_step};
static const struct sw_schema scripts = LIST_MEANT(script, sw_value_meant_step);

/* ---- files ---- */

static const struct sw_schema relative_path = {.kind = SW_SCHEMA_TEXT, .check = sw_value_path};
static const struct sw_field copy_fields[] = {
    {"from", "a file or folder below the context's path", &relative_path, true, "handler.py"},
    {"to", "where in the image; ends in / for a folder", &destination, true, "/app/"},
    {0},
};
static const struct sw_synonym copy_synonyms[] = {
    {"src", "from"}, {"source", "from"},    {"path", "from"}, {"file", "from"}, {"dest", "to"},
    {"dst", "to"},   {"destination", "to"}, {"target", "to"}, {NULL, NULL},
};
static const struct sw_schema copy = {
    .kind = SW_SCHEMA_OBJECT, .fields = copy_fields, .synonyms = copy_synonyms, .meant = sw_value_meant_copy};
static const struct sw_schema image = {.kind = SW_SCHEMA_TEXT, .check = sw_value_image};
static const struct sw_field image_fields[] = {
    {"image", "the image that the file or folder is taken from", &image, true, "ghcr.io/astral-sh/uv:0.8"},
    {"from", "the path in that image", &destination, true, "/uv"},
    {"to", "where in the image; ends in / for a folder", &destination, true, "/usr/local/bin/"},
    {0},
};
static const struct sw_schema copy_image = {.kind = SW_SCHEMA_OBJECT, .fields = image_fields};
static const struct sw_field download_fields[] = {
    {"url", "what is downloaded while the image is built", &url, true, "https://example.org/model.bin"},
    {"sha256", "the digest that it must have", &sha256, true, NULL},
    {"to", "where in the image; ends in / for a folder", &destination, true, "/models/"},
    {0},
};
static const struct sw_schema copy_download = {.kind = SW_SCHEMA_OBJECT, .fields = download_fields};
static const struct sw_field text_fields[] = {
    {"text", "the content of the file", &script, true, "\"threads: 2\\n\""},
    {"to", "the file in the image", &destination, true, "/app/settings.yaml"},
    {"executable", "the file may be run", &boolean, false, "true"},
    {0},
};
static const struct sw_schema copy_text = {.kind = SW_SCHEMA_OBJECT, .fields = text_fields};
static const struct sw_schema *const copy_choices[] = {&copy, &copy_image, &copy_download, &copy_text, NULL};
static const struct sw_schema any_copy = ANY_OF(copy_choices);
const struct sw_schema sw_fields_copies = LIST_OF(any_copy);

/* ---- package repositories ---- */

static const struct sw_schema repository_url = {.kind = SW_SCHEMA_TEXT, .check = sw_value_package_url};
static const struct sw_schema suite = {.kind = SW_SCHEMA_TEXT, .check = sw_value_suite};
static const struct sw_schema component = {.kind = SW_SCHEMA_TEXT, .check = sw_value_component};
static const struct sw_schema components = LIST_OF(component);
static const struct sw_schema key_text = {.kind = SW_SCHEMA_TEXT, .check = sw_value_key};
static const struct sw_field key_url_fields[] = {
    {"url", "where the key is", &url, true, "https://example.org/key.asc"},
    {"sha256", "the digest that the key's file must have", &sha256, true, NULL},
    {0},
};
static const struct sw_schema key_url = {.kind = SW_SCHEMA_OBJECT, .fields = key_url_fields};
static const struct sw_schema fingerprint = {.kind = SW_SCHEMA_TEXT, .check = sw_value_fingerprint};
static const struct sw_field key_fingerprint_fields[] = {
    {"url", "where the key is", &url, true, "https://example.org/key.asc"},
    {"fingerprint", "the fingerprint of the key, which apt holds every signature to", &fingerprint, true,
     NULL},
    {0},
};
static const struct sw_schema key_fingerprint = {.kind = SW_SCHEMA_OBJECT, .fields = key_fingerprint_fields};
static const struct sw_field key_file_fields[] = {
    {"file", "the key's file below the context's path", &relative_path, true, "keys/example.asc"},
    {0},
};
static const struct sw_schema key_file = {.kind = SW_SCHEMA_OBJECT, .fields = key_file_fields};
static const struct sw_schema *const key_choices[] = {&key_text, &key_url, &key_fingerprint, &key_file, NULL};
static const struct sw_schema key = ANY_OF(key_choices);
static const struct sw_field repository_fields[] = {
    {"url", "where the repository is", &repository_url, true, "https://example.org/debian"},
    {"suite", "the suite, or the path of a flat repository, which ends in /", &suite, true, "bookworm"},
    {"components", "its components; a flat repository has none", &components, false, "[main]"},
    {"key",
     "the only key that it may be signed with: in ASCII armour, {file: ...}, {url: ..., sha256: ...} or "
     "{url: ..., fingerprint: ...}; without it the distribution's keys",
     &key, false, NULL},
    {0},
};
static const struct sw_schema repository = {.kind = SW_SCHEMA_OBJECT, .fields = repository_fields};
const struct sw_schema sw_fields_repositories = FEW_OF(repository, SW_MAX_PROFILE_REPOSITORIES);

/* ---- steps ---- */

static const struct sw_field phase_fields[] = {
    {"before", "shell commands before the requirements are installed", &scripts, false, NULL},
    {"after", "shell commands after that, when the files are there", &scripts, false, NULL},
    {0},
};
static const struct sw_schema phases = {.kind = SW_SCHEMA_OBJECT, .fields = phase_fields};
static const struct sw_schema *const step_choices[] = {&scripts, &phases, NULL};
const struct sw_schema sw_fields_steps = ANY_OF(step_choices);
