/* Readers of documents that others write, each fed with documents of every other shape. */
#include "unit.h"

#include "author/draft.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "catalog/catalog.h"
#include "engine/credentials.h"
#include "engine/endpoint.h"
#include "history/compare.h"
#include "history/facts.h"
#include "index/page_internal.h"
#include "mutate.h"
#include "profile/plan.h"
#include "profile/render.h"
#include "session/cache_folder.h"
#include "stack.h"
#include "stream/stream.h"

#include <unistd.h>

struct rig {
    struct sw_arena arena;
    char path[64];
    struct sw_catalog catalog;
    size_t accepted;
};

static int make_rig(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    sw_arena_init(&rig->arena, SW_MAX_ARENA);
    (void)snprintf(rig->path, sizeof rig->path, "/tmp/slipway-test-XXXXXX");
    assert_non_null(mkdtemp(rig->path));
    assert_int_equal(sw_catalog_load(&rig->catalog, NULL, NULL), 0);
    *state = rig;
    return 0;
}

static int remove_rig(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(sw_dir_remove(rig->path, NULL), 0);
    sw_catalog_release(&rig->catalog);
    sw_arena_release(&rig->arena);
    free(rig);
    return 0;
}

/* The document as it is written is good; some of the others may be. */
static void feed(struct rig *rig, const char *document, mutate_reader *reader)
{
    rig->accepted = 0;
    size_t reads = mutate(document, reader, rig);
    assert_true(reads > 50);
    assert_true(rig->accepted > 0);
}

static const char *put(struct rig *rig, const char *name, struct sw_str text)
{
    const char *path = sw_path_join(&rig->arena, rig->path, name);
    assert_int_equal(sw_dir_make(sw_path_dir(&rig->arena, path), 0755, NULL), 0);
    assert_int_equal(sw_file_write(path, text, 0600, NULL), 0);
    return path;
}

/* ---- an index's page (PEP 691) ---- */

static void read_page(void *self, struct sw_str json, const struct sw_node *root)
{
    struct rig *rig = self;
    (void)root;
    SW_BUFFER_AUTO kept;
    struct sw_error error = {0};
    sw_buffer_init(&kept, SW_MAX_PAGE_MEMORY);
    int code = sw_page_convert_json(&kept, json, SW_STR("https://example.org/simple/x/"), &error);
    assert_int_equal(code == 0, error.text[0] == '\0');
    struct sw_page_file file;
    struct sw_str rest = sw_buffer_str(&kept);
    while (code == 0 && sw_page_next(&file, &rest))
        rig->accepted += file.name.n > 0;
}

static void pages_of_an_index(void **state)
{
    feed(*state,
         "{\"meta\":{\"api-version\":\"1.1\"},\"name\":\"x\",\"versions\":[\"1.0\"],\"files\":["
         "{\"filename\":\"x-1.0-py3-none-any.whl\",\"url\":\"x-1.0-py3-none-any.whl\",\"hashes\":{\"sha256\":"
         "\"0123456789012345678901234567890123456789012345678901234567890123\"},\"size\":7,"
         "\"upload-time\":\"2024-01-01T00:00:00Z\",\"requires-python\":\">=3.8\",\"yanked\":\"bad\","
         "\"core-metadata\":{\"sha256\":\"ab\"},\"dist-info-metadata\":true},"
         "{\"filename\":\"x-1.0.tar.gz\",\"url\":\"/x-1.0.tar.gz\",\"hashes\":{},\"yanked\":false}]}",
         read_page);
}

/* ---- an engine's streams ---- */

static void ignore(void *self, const struct sw_event *event)
{
    *(size_t *)self += event->text.n;
}

static void read_stream(void *self, struct sw_str json, const struct sw_node *root)
{
    struct rig *rig = self;
    (void)root;
    size_t bytes = 0;
    struct sw_sink sink = {ignore, &bytes};
    struct sw_build_stream *stream = sw_build_stream_new(&sink);
    SW_BUILD_OUTCOME_AUTO outcome = {0};
    assert_non_null(stream);
    int code = sw_build_stream_feed(stream, json.p, json.n, NULL);
    rig->accepted += sw_build_stream_finish(stream, code == 0, &outcome, NULL) == 0;
    sw_build_stream_free(stream);
}

static void messages_of_an_engine(void **state)
{
    static const char *const messages[] = {
        "{\"stream\":\"Step 1/2 : FROM "
        "x\\n\",\"id\":\"moby.image.id\",\"aux\":{\"ID\":\"sha256:ab\"},\"status\":\"s\"}",
        "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":1,\"total\":2},\"progress\":\"[=>]\","
        "\"id\":\"ab\"}",
        "{\"errorDetail\":{\"code\":1,\"message\":\"failed\"},\"error\":\"failed\",\"id\":\"x\",\"aux\":["
        "\"a\",{\"b\":1}]}",
        "{\"id\":\"moby.buildkit.trace\",\"aux\":\"CgA=\",\"stream\":\"x\",\"status\":[],\"error\":{\"a\":[1]"
        "}}",
    };
    for (size_t i = 0; i < SW_COUNT(messages); i++)
        feed(*state, messages[i], read_stream);
}

static void read_transfer(void *self, struct sw_str json, const struct sw_node *root)
{
    struct rig *rig = self;
    (void)root;
    size_t bytes = 0;
    struct sw_sink sink = {ignore, &bytes};
    struct sw_build_stream *stream = sw_build_stream_new(&sink);
    SW_BUILD_OUTCOME_AUTO outcome = {0};
    assert_non_null(stream);
    sw_build_stream_transfer(stream, "push");
    int code = sw_build_stream_feed(stream, json.p, json.n, NULL);
    if (code == 0)
        code = sw_build_stream_feed(stream, json.p, json.n, NULL); /* a layer is told of again */
    code = sw_build_stream_finish(stream, code == 0, &outcome, NULL);
    if (code == 0)
        assert_true(outcome.failed == (outcome.failure_text[0] != '\0'));
    rig->accepted += code == 0;
    sw_build_stream_free(stream);
}

/* Docker's and Podman's messages of a pull and of a push. */
static void transfers_of_an_engine(void **state)
{
    static const char *const messages[] = {
        "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":1,\"total\":2},\"progress\":\"[=>]\","
        "\"id\":\"0123456789ab\",\"aux\":null}",
        "{\"status\":\"latest: digest: sha256:01 size: 7\",\"id\":\"latest\",\"progressDetail\":{},\"aux\":{"
        "\"Tag\":\"latest\",\"Digest\":\"sha256:01\",\"Size\":7}}",
        "{\"errorDetail\":{\"code\":1,\"message\":\"denied\"},\"error\":\"denied\",\"id\":\"x\",\"status\":"
        "\"Pushed\"}",
        "{\"images\":[\"0123\"],\"id\":\"0123\",\"stream\":\"Copying "
        "blob\\n\",\"error\":\"\",\"status\":\"Digest: sha256:01\"}",
    };
    for (size_t i = 0; i < SW_COUNT(messages); i++)
        feed(*state, messages[i], read_transfer);
}

/* ---- the guard's stack.json ---- */

static void read_guarded(void *self, struct sw_str json, const struct sw_node *root)
{
    struct rig *rig = self;
    (void)root;
    static struct stack stack;
    const char *fault = NULL;
    size_t at = 0;
    bool good = stack_read(&stack, json.p, json.n, &fault, &at);
    assert_int_equal(good, fault == NULL);
    assert_true(at <= json.n);
    rig->accepted += good;
}

static void stacks_of_the_guard(void **state)
{
    feed(*state,
         "{\"name\":\"x\",\"gpu_memory\":24,\"torch\":{\"local\":\"2.8.0+cu128\",\"cuda\":\"12.8\"},"
         "\"guard\":{"
         "\"driver\":\"525\",\"sass\":[\"7.5\",\"9.0a\"],\"ptx\":[],\"profiles\":[{\"name\":\"y\","
         "\"capabilities\":[\"7.5\"]}]},\"trim\":{\"capabilities\":[\"7.5\"]}}",
         read_guarded);
}

/* ---- docker's files ---- */

static void read_config(void *self, struct sw_str json, const struct sw_node *root)
{
    struct rig *rig = self;
    (void)root;
    (void)put(rig, "config.json", json);
    const char *const variables[] = {
        sw_arena_format(&rig->arena, "DOCKER_AUTH_CONFIG=%.*s", SW_STR_FORMAT(json)), NULL};
    static const char *const registries[] = {"plain:5000", "docker.io", "helped.example", "other.example"};
    struct sw_credentials *credentials = NULL;
    struct sw_error error = {0};
    int code = sw_credentials_read(&credentials, rig->path, variables, &error);
    assert_int_equal(code == 0, error.text[0] == '\0');
    for (size_t i = 0; code == 0 && i < SW_COUNT(registries); i++) {
        SW_LOGIN_AUTO login = {0};
        rig->accepted += sw_credentials_find(&login, credentials, registries[i], NULL, &error) == 0;
    }
    sw_credentials_free(credentials);
}

static void docker_config(void **state)
{
    feed(*state,
         "{\"auths\":{\"plain:5000\":{\"auth\":\"YW5uYTpwdw==\"},\"https://index.docker.io/v1/"
         "\":{\"username\":\"hub\","
         "\"password\":\"pw\",\"identitytoken\":\"t\",\"registrytoken\":\"r\"}},\"credHelpers\":{\"helped."
         "example\":\"none\"},"
         "\"credsStore\":\"\",\"currentContext\":\"x\"}",
         read_config);
}

static void read_context(void *self, struct sw_str json, const struct sw_node *root)
{
    struct rig *rig = self;
    (void)root;
    char hash[SW_SHA256_HEX_SIZE];
    assert_true(sw_sha256_hex(SW_STR("far"), hash));
    (void)put(rig, sw_arena_format(&rig->arena, "contexts/meta/%s/meta.json", hash), json);
    (void)put(rig, "config.json", json);
    struct sw_endpoints found = {0};
    struct sw_error error = {0};
    const struct sw_endpoint_wishes settings = {.docker_context = "far", .docker_config = rig->path};
    rig->accepted += sw_endpoints_find(&found, &rig->arena, &settings, &error) == 0;
    const struct sw_endpoint_wishes current = {.docker_config = rig->path};
    rig->accepted += 0 == sw_endpoints_find(&found, &rig->arena, &current, &error);
}

static void docker_context(void **state)
{
    feed(*state,
         "{\"Name\":\"far\",\"Metadata\":{},\"currentContext\":\"far\",\"Endpoints\":{\"docker\":{\"Host\":"
         "\"tcp://far\","
         "\"SkipTLSVerify\":false}}}",
         read_context);
}

/* ---- an image layout ---- */

static void read_layout(void *self, struct sw_str json, const struct sw_node *root)
{
    struct rig *rig = self;
    (void)root;
    const char *digest = NULL;
    (void)put(rig, "cache/index.json", json);
    const char *folder = sw_path_join(&rig->arena, rig->path, "cache");
    rig->accepted += sw_cache_folder_find(&digest, &rig->arena, folder, "latest", NULL) == 0;
    rig->accepted +=
        0 == sw_cache_folder_put(folder, "latest", SW_STR("{\"digest\":\"sha256:ab\",\"size\":1}"), NULL);
    rig->accepted += 0 == sw_cache_folder_put(folder, "latest", json, NULL);
}

static void layout_of_a_cache(void **state)
{
    feed(*state,
         "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"x\",\"digest\":"
         "\"sha256:0123456789012345678901234567890123456789012345678901234567890123\",\"size\":7,"
         "\"annotations\":{\"org.opencontainers.image.ref.name\":\"latest\"}},{\"digest\":\"sha256:ab\"}]}",
         read_layout);
}

/* ---- records ---- */

static void read_record(void *self, struct sw_str json, const struct sw_node *root)
{
    struct rig *rig = self;
    static const struct sw_record record = {.profile = "demo", .number = 4};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_record_facts facts = {0};
    struct sw_error error = {0};
    int code = sw_record_facts_parse(&facts, &arena, &record, json, &error);
    assert_int_equal(code == 0, error.text[0] == '\0');
    /* Plans and lists of files are read as trees. */
    const struct sw_side a = {
        .name = "demo@4", .plan = root, .facts = code == 0 ? &facts : NULL, .rendered = root};
    const struct sw_side b = {
        .name = "demo@3", .plan = sw_node_get(root, "image"), .rendered = sw_node_get(root, "assertions")};
    const struct sw_node *result = NULL;
    assert_int_equal(sw_compare(&result, &arena, &a, &b, NULL), 0);
    assert_int_equal(sw_compare(&result, &arena, &b, &a, NULL), 0);
    rig->accepted += code == 0;
}

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void records_of_builds(void **state)
{
    feed(*state,
         "{\"kind\":\"push\",\"result\":\"verified\",\"time\":\"2026-11-21T01:22:33Z\",\"seconds\":1.5,"
         "\"slipway\":\"1.0\",\"files\":[\"slipway/demo.yaml\",\"/srv/base.yaml\"],\"plan\":\"" DIGEST
         "\",\"image\":{\"id\":\"sha256:" DIGEST
         "\",\"tags\":[\"demo:latest\"],\"digests\":[\"demo@sha256:" DIGEST
         "\"],\"size\":7,\"layers\":[\"sha256:" DIGEST
         "\"]},\"arguments\":[\"A\"],\"platform\":\"linux/arm64\","
         "\"engine\":{\"product\":\"docker\",\"version\":\"26.1\",\"api\":\"1.45\",\"os\":\"linux\","
         "\"architecture\":\"amd64\"},"
         "\"assertions\":{\"passed\":2,\"failed\":0},\"push\":{\"of\":3,\"tags\":[{\"tag\":\"demo:latest\","
         "\"digest\":"
         "\"sha256:" DIGEST "\",\"reference\":\"demo@sha256:" DIGEST "\"}]},\"findings\":[]}",
         read_record);
}

/* ---- profiles, plans and drafts ---- */

static int read_text(const void *self, struct sw_buffer *out, const char *path, struct sw_error *error)
{
    (void)path;
    sw_buffer_add_str(out, *(const struct sw_str *)self);
    return sw_buffer_check(out, "the profile", error);
}

static void read_profile(void *self, struct sw_str json, const struct sw_node *root)
{
    struct rig *rig = self;
    (void)root;
    const struct sw_profile_source source = {read_text, &json};
    struct sw_error error = {0};
    SW_PROFILE_AUTO profile = {0};
    SW_PLAN_AUTO plan = {0};
    SW_RENDERING_AUTO rendering = {0};
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    int code = sw_profile_load(&profile, "p.yaml", &source, &findings, &error);
    assert_int_equal(code == 0, error.text[0] == '\0');
    if (code != 0 || sw_findings_count(&findings, SW_ERROR) > 0)
        return;
    if (sw_plan_resolve(&plan, &profile, &rig->catalog, &findings, &error) == 0 &&
        sw_findings_count(&findings, SW_ERROR) == 0)
        rig->accepted += sw_render(&rendering, &plan, SW_RENDER_DOCKER, NULL, &error) == 0;
}

static void profiles(void **state)
{
    feed(*state,
         "{\"slipway\":1,\"name\":\"p\",\"description\":\"d\",\"accelerators\":[\"rtx-4090\"],\"driver\":\">="
         "570\","
         "\"python_version\":\"3.11\",\"installer\":\"uv\",\"base_image\":\"auto\",\"torch\":{\"version\":"
         "\"2.5.1\","
         "\"cuda\":\"12.4\"},\"requirements\":[\"numpy<2\"],\"constraints\":[\"pip<99\"],\"indexes\":[{"
         "\"url\":\"default\","
         "\"for\":[\"torch\"]}],\"system_packages\":[\"git\"],\"environment\":{\"A\":\"b\"},\"secrets\":[{"
         "\"id\":\"t\","
         "\"env\":\"T\"}],\"context\":{\"path\":\".\",\"copy\":[{\"from\":\"a\",\"to\":\"/"
         "a\"}]},\"steps\":[\"true\"],"
         "\"command\":[\"python\"],\"guard\":true,\"assertions\":[{\"that\":\"torch.version.cuda\",\"is\":\">"
         "=12\"},"
         "{\"import\":\"numpy\"}],\"image\":{\"name\":\"x/"
         "y\",\"tags\":[\"{{profile}}\"]},\"ignore\":[{\"code\":\"SW204\","
         "\"why\":\"w\"}]}",
         read_profile);
}

static void read_truss(void *self, struct sw_str json, const struct sw_node *root)
{
    struct rig *rig = self;
    (void)root;
    const char *path = put(rig, "truss/config.yaml", json);
    struct sw_allowed_path folder = {rig->path, SW_ACCESS_READ};
    const struct sw_permissions permissions = {.paths = &folder, .paths_count = 1};
    struct sw_draft *draft = sw_draft_new("p", &rig->catalog, NULL);
    assert_non_null(draft);
    rig->accepted += sw_draft_read(draft, &permissions, path, NULL) == 0;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    const struct sw_draft_form form = {.by = "test", .path = "p.yaml", .context = ".."};
    assert_int_equal(sw_draft_write(&text, draft, &form, NULL), 0);
    sw_draft_free(draft);
}

static void truss_configs(void **state)
{
    feed(*state,
         "{\"model_name\":\"m\",\"python_version\":\"py311\",\"requirements\":[\"torch==2.5.1\",\"numpy\"],"
         "\"requirements_file\":\"r.txt\",\"system_packages\":[\"git\"],\"environment_variables\":{\"A\":"
         "\"b\"},"
         "\"secrets\":{\"hf\":null},\"resources\":{\"accelerator\":\"H100\",\"cpu\":\"1\"},\"base_image\":{"
         "\"image\":\"x:1\"},"
         "\"build_commands\":[\"true\"],\"external_package_dirs\":[\"../x\"]}",
         read_truss);
}

int suite_foreign(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pages_of_an_index, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(messages_of_an_engine, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(transfers_of_an_engine, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(stacks_of_the_guard, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(docker_config, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(docker_context, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(layout_of_a_cache, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(records_of_builds, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(profiles, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(truss_configs, make_rig, remove_rig),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
