#include "unit.h"

#include "base/limits.h"
#include "lock/pylock.h"

#include <string.h>

enum { DIFFUSERS, HEADS, SNAC, TORCH, TRITON, COUNT };

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define COMMIT "0123456789abcdef0123456789abcdef01234567"

static const struct sw_resolved_dependency of_diffusers[] = {
    {.package = TORCH, .text = "torch>=1.4; extra == \"torch\"", .marker = "extra == \"torch\""}};
static const struct sw_resolved_dependency of_snac[] = {{.package = TORCH, .text = "torch", .marker = ""}};
static const struct sw_resolved_dependency of_torch[] = {
    {.package = TRITON, .text = "triton==3.4.0", .marker = ""}};
static const struct sw_resolved_requirer by_root[] = {{SW_RESOLVED_ROOT, 0}};
static const struct sw_resolved_requirer heads_by_root[] = {{SW_RESOLVED_ROOT, 1}};
static const struct sw_resolved_requirer snac_by_root[] = {{SW_RESOLVED_ROOT, 2}};
static const struct sw_resolved_requirer to_torch[] = {{SW_RESOLVED_ROOT, 3}, {DIFFUSERS, 0}, {SNAC, 0}};
static const struct sw_resolved_requirer to_triton[] = {{TORCH, 0}};
static const char *const extras[] = {"torch"};
static const char *const gpus[] = {"rtx-5090"};
static const char *const roots[] = {"diffusers[torch]>=0.30",
                                    "heads @ https://host.example/heads-1.0.tar.gz#subdirectory=python",
                                    ("snac @ git+https://host.example/snac@" COMMIT), "torch==2.8.0+cu128"};

static const struct sw_resolved_package packages[COUNT] = {
    {.name = "diffusers",
     .version = "0.35.1",
     .requires_python = ">=3.8.0",
     .extras = extras,
     .extra_count = 1,
     .file = {.kind = SW_RESOLVED_WHEEL,
              .name = "diffusers-0.35.1-py3-none-any.whl",
              .revision = "",
              .url = "https://user:secret@index.example/diffusers-0.35.1-py3-none-any.whl",
              .sha256 = DIGEST,
              .uploaded = "2025-08-20T04:00:01.123Z",
              .index = "https://index.example/simple/",
              .size = 4121000,
              .yanked_reason = ""},
     .dependencies = of_diffusers,
     .dependency_count = 1,
     .requirers = by_root,
     .requirer_count = 1,
     .known = true},
    {.name = "heads",
     .version = "",
     .requires_python = "",
     .file = {.kind = SW_RESOLVED_URL_SDIST,
              .name = "heads-1.0.tar.gz",
              .revision = "",
              .url = "https://host.example/heads-1.0.tar.gz#subdirectory=python",
              .sha256 = DIGEST,
              .uploaded = "",
              .index = "",
              .yanked_reason = ""},
     .requirers = heads_by_root,
     .requirer_count = 1},
    {.name = "snac",
     .version = "",
     .requires_python = "",
     .file = {.kind = SW_RESOLVED_VCS,
              .name = "",
              .revision = "",
              .url = "git+https://host.example/snac@" COMMIT,
              .sha256 = "",
              .uploaded = "",
              .index = "",
              .yanked_reason = ""},
     .dependencies = of_snac,
     .dependency_count = 1,
     .requirers = snac_by_root,
     .requirer_count = 1,
     .known = true},
    {.name = "torch",
     .version = "2.8.0+cu128",
     .requires_python = ">=3.9.0",
     .file = {.kind = SW_RESOLVED_WHEEL,
              .name = "torch-2.8.0+cu128-cp311-cp311-manylinux_2_28_x86_64.whl",
              .revision = "",
              .url = "https://torch.example/whl/torch-2.8.0%2Bcu128-cp311-cp311-manylinux_2_28_x86_64.whl",
              .sha256 = DIGEST,
              .uploaded = "yesterday",
              .index = "https://torch.example/whl/cu128",
              .yanked_reason = ""},
     .dependencies = of_torch,
     .dependency_count = 1,
     .requirers = to_torch,
     .requirer_count = 3,
     .known = true},
    {.name = "triton",
     .version = "3.4.0",
     .requires_python = "",
     .file = {.kind = SW_RESOLVED_SDIST,
              .name = "triton-3.4.0.tar.gz",
              .revision = "",
              .url = "https://index.example/triton-3.4.0.tar.gz",
              .sha256 = DIGEST,
              .uploaded = "",
              .index = "https://index.example/simple/",
              .size = 12,
              .yanked_reason = ""},
     .requirers = to_triton,
     .requirer_count = 1,
     .known = true},
};
static const struct sw_resolved_unknown unknowns[] = {{"heads", "its requirements show when it is built"}};
static const struct sw_pylock lock = {.profile = "mixtral",
                                      .python = "3.11",
                                      .machine = "x86_64",
                                      .glibc = "2.36",
                                      .musl = "",
                                      .accelerators = gpus,
                                      .accelerator_count = 1,
                                      .base = "python:3.11-slim",
                                      .base_digest = "sha256:" DIGEST,
                                      .source = DIGEST,
                                      .requirements = roots,
                                      .requirement_count = 4,
                                      .set = {packages, COUNT, unknowns, 1}};

struct rig {
    struct sw_arena arena;
    struct sw_buffer text;
};

static int set_up(void **state)
{
    static struct rig rig;
    sw_arena_init(&rig.arena, SW_MAX_ARENA);
    sw_buffer_init(&rig.text, SW_MAX_TOML_SIZE);
    *state = &rig;
    return sw_pylock_write(&rig.text, &lock, NULL);
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    sw_buffer_release(&rig->text);
    sw_arena_release(&rig->arena);
    return 0;
}

static void writes_what_pep_751_says(void **state)
{
    struct rig *rig = *state;
    static const char *const parts[] = {
        "lock-version = \"1.0\"\nenvironments = [\n    \"sys_platform == 'linux' and platform_machine == "
        "'x86_64'\",\n]\n"
        "requires-python = \"==3.11.*\"\ncreated-by = \"slipway\"\n",
        "[[packages]]\nname = \"diffusers\"\nversion = \"0.35.1\"\nrequires-python = \">=3.8.0\"\n"
        "dependencies = [\n    { name = \"torch\" },\n]\nindex = \"https://index.example/simple/\"\nwheels = "
        "[\n"
        "    { name = \"diffusers-0.35.1-py3-none-any.whl\", url = "
        "\"https://index.example/diffusers-0.35.1-py3-none-any.whl\", "
        "upload-time = 2025-08-20T04:00:01.123Z, size = 4121000, hashes = { sha256 = \"" DIGEST
        "\" } },\n]\n",
        "archive = { url = \"https://host.example/heads-1.0.tar.gz\", hashes = { sha256 = \"" DIGEST
        "\" }, subdirectory = \"python\" }\n",
        "vcs = { type = \"git\", url = \"https://host.example/snac\", commit-id = \"" COMMIT "\" }\n",
        "sdist = { name = \"triton-3.4.0.tar.gz\", ",
        "[tool.slipway]\nprofile = \"mixtral\"\nsource = \"" DIGEST
        "\"\nbase = \"python:3.11-slim\"\nbase-digest = \"sha256:" DIGEST "\"\n",
    };
    for (size_t i = 0; i < SW_COUNT(parts); i++) {
        if (strstr(rig->text.p, parts[i]) == NULL)
            fail_msg("not in the lock: %s\n%s", parts[i], rig->text.p);
    }
    assert_null(strstr(rig->text.p, "secret"));
    assert_null(strstr(rig->text.p, "yesterday"));
}

static void reads_what_it_wrote(void **state)
{
    struct rig *rig = *state;
    struct sw_pylock read;
    struct sw_error error = {0};
    SW_BUFFER_AUTO again;
    sw_buffer_init(&again, SW_MAX_TOML_SIZE);
    if (sw_pylock_read(&read, &rig->arena, sw_buffer_str(&rig->text), "pylock.mixtral.toml", &error) != 0)
        fail_msg("line %u: %s", error.line, error.text);
    assert_int_equal(sw_pylock_write(&again, &read, NULL), 0);
    assert_string_equal(again.p, rig->text.p);
    for (size_t i = 0; i < COUNT; i++) {
        assert_string_equal(read.set.packages[i].name, packages[i].name);
        assert_int_equal(read.set.packages[i].file.kind, packages[i].file.kind);
        assert_int_equal(read.set.packages[i].known, packages[i].known);
        assert_int_equal(read.set.packages[i].requirer_count, packages[i].requirer_count);
        for (size_t j = 0; j < packages[i].requirer_count; j++) {
            assert_true(read.set.packages[i].requirers[j].package == packages[i].requirers[j].package);
            assert_true(read.set.packages[i].requirers[j].requirement ==
                        packages[i].requirers[j].requirement);
        }
    }
    assert_string_equal(read.set.packages[DIFFUSERS].dependencies[0].marker, "extra == \"torch\"");
    assert_string_equal(read.set.packages[SNAC].file.url, packages[SNAC].file.url);
    assert_string_equal(read.set.packages[HEADS].file.url, packages[HEADS].file.url);
}

static void a_change_is_a_small_diff(void **state)
{
    struct rig *rig = *state;
    struct sw_resolved_package changed[COUNT];
    struct sw_pylock other = lock;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_TOML_SIZE);
    memcpy(changed, packages, sizeof packages);
    changed[DIFFUSERS].version = "0.35.2";
    other.set.packages = changed;
    assert_int_equal(sw_pylock_write(&text, &other, NULL), 0);
    struct sw_str left = sw_buffer_str(&rig->text), right = sw_buffer_str(&text);
    size_t differing = 0;
    while (left.p != NULL && right.p != NULL)
        differing += !sw_str_equal(sw_str_cut(&left, '\n'), sw_str_cut(&right, '\n'));
    assert_true(left.p == NULL && right.p == NULL);
    assert_int_equal(differing, 1);
}

static void refuses_what_it_has_no_words_for(void **state)
{
    (void)state;
    struct sw_resolved_package changed[COUNT];
    struct sw_pylock other = lock;
    struct sw_error error = {0};
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_TOML_SIZE);
    memcpy(changed, packages, sizeof packages);
    other.set.packages = changed;
    changed[SNAC].file.url = "git+https://host.example/snac@main";
    assert_int_equal(sw_pylock_write(&text, &other, &error), SW_EINPUT);
    assert_non_null(strstr(error.text, "'snac' is not named with a commit"));
    changed[SNAC] = packages[SNAC];
    changed[TORCH].file.sha256 = "";
    assert_int_equal(sw_pylock_write(&text, &other, &error), SW_EINPUT);
    assert_non_null(strstr(error.text, "SHA-256 of the file of 'torch'"));
}

static void refuses_a_changed_lock(void **state)
{
    struct rig *rig = *state;
    static const struct {
        const char *from, *to, *text;
    } rows[] = {
        {"lock-version = \"1.0\"", "lock-version = \"2.0\"", "'lock-version' is not"},
        {"lock-version = \"1.0\"", "lock-version = 1.0", "'lock-version' is not"},
        {"[tool.slipway]", "[tool.other]", "'profile' is missing"},
        {"source = \"0", "source = \"x", "'source' is not"},
        {"profile = \"mixtral\"", "profile = \"a b\"", "'profile' is not"},
        {"name = \"torch\"\nversion", "name = \"snac\"\nversion", "'snac' is there twice"},
        {"name = \"torch\"\nversion", "name = \"Torch\"\nversion", "'name' is not"},
        {"version = \"0.35.1\"", "version = \"0.35.1 --index-url x\"", "'version' is not"},
        {"version = \"0.35.1\"\n", "", "'version' is missing"},
        {"{ name = \"torch\" }", "{ name = \"triton\" }", "the dependency is not the one"},
        {"\"torch>=1.4; ", "\"numpy>=1.4; ", "'numpy' is required, and no package"},
        {"\"torch>=1.4; ", "\"torch>=; ", "a requirement cannot be read"},
        {"\"triton==3.4.0\",\n", "", "do not belong together"},
        {"sha256 = \"0", "sha256 = \"F", "'sha256' is not"},
        {"hashes = { sha256 = \"" DIGEST "\" } },", "},", "TOML"},
        {", hashes = { sha256 = \"" DIGEST "\" } },", " },", "'hashes' is missing"},
        {"size = 4121000", "size = -1", "'size' is not"},
        {"https://index.example/diffusers", "https://index.example/ diffusers", "'url' is not"},
        {"https://index.example/diffusers", "javascript://index.example/diffusers", "'url' is not"},
        {"index = \"https://index.example/simple/\"", "index = \"https://index.example/\\nsimple\"",
         "'index' is not"},
        {"name = \"diffusers-0.35.1-py3-none-any.whl\"", "name = \"../../etc/passwd\"", "'name' is not"},
        {"commit-id = \"0", "commit-id = \"g", "'commit-id' is not"},
        {"type = \"git\"", "type = \"hg\"", "'type' is not"},
        {"subdirectory = \"python\"", "subdirectory = \"../python\"", "'subdirectory' is not"},
        {"vcs = { type", "sdist = 1\nvcs = { type", "has one wheel, or one"},
        {"wheels = [\n", "wheels = [ 1,\n", "has one wheel, or one"},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        struct sw_pylock read = {.profile = "untouched"};
        struct sw_error error = {0};
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, SW_MAX_TOML_SIZE);
        const char *at = strstr(rig->text.p, rows[i].from);
        assert_non_null(at);
        sw_buffer_add(&text, rig->text.p, (size_t)(at - rig->text.p));
        sw_buffer_add_text(&text, rows[i].to);
        sw_buffer_add_text(&text, at + strlen(rows[i].from));
        if (sw_pylock_read(&read, &rig->arena, sw_buffer_str(&text), "file", &error) != SW_EINPUT)
            fail_msg("read: %s", rows[i].to);
        bool toml = strcmp(rows[i].text, "TOML") == 0;
        if (!toml && strstr(error.text, rows[i].text) == NULL)
            fail_msg("%s: %s", rows[i].to, error.text);
        assert_true(error.line > 0 && error.hint[0] != '\0');
        assert_string_equal(read.profile, "untouched");
    }
}

static void refuses_a_lock_of_others(void **state)
{
    struct rig *rig = *state;
    struct sw_pylock read;
    struct sw_error error = {0};
    const struct sw_str text = SW_STR("lock-version = \"1.0\"\ncreated-by = \"pip\"\npackages = []\n");
    assert_int_equal(sw_pylock_read(&read, &rig->arena, text, "pylock.toml", &error), SW_EINPUT);
    assert_string_equal(error.text, "slipway did not write this lock: it has no table 'tool.slipway'");
}

static void names_the_file(void **state)
{
    struct rig *rig = *state;
    assert_string_equal(sw_pylock_name(&rig->arena, "mixtral"), "pylock.mixtral.toml");
    assert_string_equal(sw_pylock_name(&rig->arena, "mixtral-2.6"), "pylock.mixtral-2-6.toml");
}

int suite_pylock(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(writes_what_pep_751_says),
                                       cmocka_unit_test(reads_what_it_wrote),
                                       cmocka_unit_test(a_change_is_a_small_diff),
                                       cmocka_unit_test(refuses_what_it_has_no_words_for),
                                       cmocka_unit_test(refuses_a_changed_lock),
                                       cmocka_unit_test(refuses_a_lock_of_others),
                                       cmocka_unit_test(names_the_file)};
    return cmocka_run_group_tests_name("pylock", tests, set_up, tear_down);
}
