#include "unit.h"

#include "profile/plan_lock.h"
#include "profile/render.h"

#include "base/limits.h"
#include "data/path.h"
#include "data/yaml.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define COMMIT "0123456789abcdef0123456789abcdef01234567"
#define DEFAULT "https://index.example/simple/"
#define TORCH "https://download.pytorch.org/whl/cu128"

enum { FILELOCK, HEADS, CUBLAS, CUDART, SNAC, TORCH_ITSELF, VISION, COUNT };

static const struct sw_resolved_dependency of_cudart[] = {
    {.package = CUBLAS, .text = "nvidia-cublas-cu12==12.8.*", .marker = ""}};
static const struct sw_resolved_dependency of_torch[] = {
    {.package = CUDART, .text = "nvidia-cuda-runtime-cu12==12.8.90", .marker = ""},
    {.package = FILELOCK, .text = "filelock>=3", .marker = ""}};
static const struct sw_resolved_package packages[COUNT] = {
    [CUBLAS] = {.known = true,
                .name = "nvidia-cublas-cu12",
                .version = "12.8.4.1",
                .file = {.sha256 = A64, .index = DEFAULT}},
    [CUDART] = {.known = true,
                .name = "nvidia-cuda-runtime-cu12",
                .version = "12.8.90",
                .file = {.sha256 = A64, .index = DEFAULT},
                .dependencies = of_cudart,
                .dependency_count = 1},
    [FILELOCK] = {.known = true,
                  .name = "filelock",
                  .version = "3.19.1",
                  .file = {.sha256 = A64, .index = DEFAULT}},
    [HEADS] = {.known = true,
               .name = "heads",
               .version = "",
               .file = {.kind = SW_RESOLVED_URL_SDIST,
                        .url = "https://host.example/heads.tar.gz",
                        .sha256 = A64,
                        .index = ""}},
    [SNAC] = {.known = true,
              .name = "snac",
              .version = "",
              .file = {.kind = SW_RESOLVED_VCS,
                       .url = "git+https://host.example/snac@" COMMIT,
                       .sha256 = "",
                       .index = ""}},
    [TORCH_ITSELF] = {.known = true,
                      .name = "torch",
                      .version = "2.8.0+cu128",
                      .file = {.sha256 = A64, .index = TORCH},
                      .dependencies = of_torch,
                      .dependency_count = 2},
    [VISION] = {.known = true,
                .name = "torchvision",
                .version = "0.23.0+cu128",
                .file = {.sha256 = A64, .index = TORCH "/"}},
};

static const struct sw_catalog *catalog;
static const char profile_text[] =
    "slipway: 1\nname: locked\npython_version: '3.11'\naccelerators: [rtx-5090]\n"
    "torch: {version: 2.8.0, cuda: '12.8'}\nrequirements: [torchvision, filelock]\n";

struct held {
    struct sw_profile profile;
    struct sw_plan plan;
    struct sw_rendering rendering;
};

static void make(struct held *held, const char *yaml, const struct sw_resolved_package *set)
{
    SW_FINDINGS_AUTO findings;
    struct sw_error error;
    const struct sw_pylock lock = {
        .source = A64, .base = "", .base_digest = "", .set = {.packages = set, .package_count = COUNT}};
    sw_findings_init(&findings);
    *held = (struct held){.profile = {.path = "locked.yaml", .name = "locked"}};
    sw_arena_init(&held->profile.arena, SW_MAX_ARENA);
    assert_int_equal(
        sw_yaml_read(&held->profile.root, &held->profile.arena, sw_str_from(yaml), "locked.yaml", &error), 0);
    assert_int_equal(sw_plan_resolve(&held->plan, &held->profile, catalog, &findings, &error), 0);
    if (set != NULL)
        assert_int_equal(sw_plan_hold(&held->plan, &lock, &error), 0);
    if (sw_render(&held->rendering, &held->plan, SW_RENDER_DOCKER, NULL, &error) != 0)
        fail_msg("%s:%u: %s", error.file, error.line, error.text);
}

static void release(struct held *held)
{
    sw_rendering_release(&held->rendering);
    sw_plan_release(&held->plan);
    sw_profile_release(&held->profile);
}

static const char *file(const struct held *held, const char *name)
{
    return sw_rendering_text(&held->rendering, name).p;
}

static void installs_exactly_the_set(void **state)
{
    (void)state;
    struct held held;
    make(&held, profile_text, packages);
#define HEAD "# Rendered by slipway from the lock.\n"
    assert_string_equal(file(&held, "torch.txt"),
                        HEAD "nvidia-cublas-cu12==12.8.4.1 --hash=sha256:" A64
                             "\nnvidia-cuda-runtime-cu12==12.8.90 --hash=sha256:" A64 "\n");
    assert_string_equal(file(&held, "torch-2.txt"), HEAD "torch==2.8.0+cu128 --hash=sha256:" A64 "\n");
    assert_string_equal(file(&held, "requirements.txt"),
                        HEAD "filelock==3.19.1 --hash=sha256:" A64
                             "\nheads @ https://host.example/heads.tar.gz --hash=sha256:" A64 "\n");
    assert_string_equal(file(&held, "requirements-2.txt"),
                        HEAD "snac @ git+https://host.example/snac@" COMMIT "\n");
    assert_string_equal(file(&held, "requirements-3.txt"),
                        HEAD "torchvision==0.23.0+cu128 --hash=sha256:" A64 "\n");
    assert_non_null(
        strstr(file(&held, "constraints.txt"), "\nfilelock==3.19.1\nnvidia-cublas-cu12==12.8.4.1\n"));
    const char *docker = file(&held, "Dockerfile");
    assert_non_null(strstr(
        docker, "pip install --no-deps --require-hashes --requirement /opt/slipway/torch.txt && \\\n"));
    assert_non_null(strstr(docker, "pip install --index-url '" TORCH
                                   "' --no-deps --require-hashes --requirement /opt/slipway/torch-2.txt\n"));
    assert_non_null(
        strstr(docker, "pip install --no-deps --requirement /opt/slipway/requirements-2.txt && \\\n"));
    size_t runs = 0;
    for (const char *at = docker; (at = strstr(at, "RUN --mount=type=cache,id=slipway-uv,")) != NULL; at++)
        runs++;
    assert_int_equal(runs, 2);
    release(&held);
}

/* The last pass installs the requirements that nobody knows beside the rest of the set, which keeps its releases. */
static void requirements_that_only_a_build_tells_come_last(void **state)
{
    (void)state;
    struct held held;
    struct sw_resolved_package other[COUNT];
    memcpy(other, packages, sizeof packages);
    other[SNAC].known = false;
    make(&held, profile_text, other);
    const char *last = file(&held, "requirements-3.txt"), *docker = file(&held, "Dockerfile");
    assert_non_null(last);
    assert_non_null(strstr(last, "\nsnac @ git+https://host.example/snac@" COMMIT "\n"));
    assert_non_null(strstr(last, "\ntorch==2.8.0+cu128\n"));
    assert_null(strstr(last, "--hash"));
    assert_non_null(strstr(docker, "pip install --requirement /opt/slipway/requirements-3.txt"));
    release(&held);
}

/* An engine takes a layer from its cache only if all the instructions before that layer are unchanged. */
static void a_leaf_leaves_the_large_layer_alone(void **state)
{
    (void)state;
    struct held a, b;
    struct sw_resolved_package other[COUNT];
    memcpy(other, packages, sizeof packages);
    other[FILELOCK].version = "3.20.0";
    make(&a, profile_text, packages);
    make(&b, profile_text, other);
    const char *left = file(&a, "Dockerfile"), *right = file(&b, "Dockerfile");
    const char *rest = strstr(left, "COPY [\"requirements.txt\"");
    assert_non_null(rest);
    assert_memory_equal(left, right, (size_t)(rest - left));
    assert_null(memmem(left, (size_t)(rest - left), "constraints.txt", strlen("constraints.txt")));
    assert_string_equal(file(&a, "torch.txt"), file(&b, "torch.txt"));
    assert_string_equal(file(&a, "torch-2.txt"), file(&b, "torch-2.txt"));
    assert_string_not_equal(file(&a, "requirements.txt"), file(&b, "requirements.txt"));
    assert_string_not_equal(a.plan.digest, b.plan.digest);
    release(&a);
    release(&b);
}

/* A registry and an engine keep a layer once if all the instructions up to it are the same. */
static void profiles_with_one_torch_share_its_layer(void **state)
{
    (void)state;
    static const char second[] =
        "slipway: 1\nname: second\npython_version: '3.11'\naccelerators: [rtx-5090]\n"
        "torch: {version: 2.8.0, cuda: '12.8'}\nrequirements: [torchvision]\n"
        "command: [serve]\nports: [8000]\nlabels: {a: b}\n";
    struct held a, b;
    make(&a, profile_text, packages);
    make(&b, second, packages);
    const char *left = strstr(file(&a, "Dockerfile"), "\nFROM "),
               *right = strstr(file(&b, "Dockerfile"), "\nFROM ");
    assert_non_null(left);
    assert_non_null(right);
    const char *rest = strstr(left, "COPY [\"requirements.txt\"");
    assert_non_null(rest);
    assert_memory_equal(left, right, (size_t)(rest - left));
    assert_string_equal(file(&a, "torch-2.txt"), file(&b, "torch-2.txt"));
    release(&a);
    release(&b);
}

static void source_of(char digest[SW_SHA256_HEX_SIZE], const char *yaml)
{
    struct held held;
    make(&held, yaml, NULL);
    assert_int_equal(sw_plan_lock_source(digest, &held.plan, NULL), 0);
    release(&held);
}

static void the_source_tells_what_counts(void **state)
{
    (void)state;
    static const struct {
        const char *added;
        bool counts;
    } rows[] = {
        {"description: other\n", false},
        {"environment: {A: b}\n", false},
        {"steps: [\"true\"]\n", false},
        {"constraints: [\"numpy<2\"]\n", true},
        {"driver: '>=570'\n", true},
        {"base_image: debian:bookworm\n", true},
        {"indexes: [{url: 'https://other.example/', for: [filelock]}]\n", true},
    };
    char digest[SW_SHA256_HEX_SIZE], other[SW_SHA256_HEX_SIZE], yaml[1024];
    source_of(digest, profile_text);
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        (void)snprintf(yaml, sizeof yaml, "%s%s", profile_text, rows[i].added);
        source_of(other, yaml);
        if ((strcmp(digest, other) != 0) != rows[i].counts)
            fail_msg("%s", rows[i].added);
    }
}

static int set_up(void **state)
{
    (void)state;
    static struct sw_catalog loaded;
    catalog = &loaded;
    return sw_catalog_load(&loaded, NULL, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    sw_catalog_release((struct sw_catalog *)(uintptr_t)catalog);
    return 0;
}

int suite_plan_lock(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(installs_exactly_the_set),
        cmocka_unit_test(requirements_that_only_a_build_tells_come_last),
        cmocka_unit_test(a_leaf_leaves_the_large_layer_alone),
        cmocka_unit_test(profiles_with_one_torch_share_its_layer),
        cmocka_unit_test(the_source_tells_what_counts),
    };
    return cmocka_run_group_tests_name("plan_lock", tests, set_up, tear_down);
}
