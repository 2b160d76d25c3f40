#include "project_rig.h"

#include "base/file.h"
#include "build/exporters.h"
#include "index/own_index.h"
#include "project/certificates.h"
#include "project/installers.h"
#include "project/network.h"
#include "project/parts.h"

/* ---- the package index ---- */

/* A variable of pip's comes first, then those of uv, then pip's files, then uv's. */
static void the_index_is_that_of_the_hosts_installers(void **state)
{
    static const struct {
        const char *variables[3], *pip_conf, *index, *origin, *refused;
    } cases[] = {
        {{"PIP_INDEX_URL=https://a.example/simple", "UV_DEFAULT_INDEX=https://b.example/simple"},
         NULL,
         "https://a.example/simple",
         "PIP_INDEX_URL",
         NULL},
        {{"PIP_INDEX_URL=", "UV_DEFAULT_INDEX=https://b.example/simple"},
         "[global]\nindex-url = https://c.example/simple\n",
         "https://b.example/simple",
         "UV_DEFAULT_INDEX",
         NULL},
        {{"PIP_INDEX_URL="},
         "[global]\nindex-url = https://c.example/simple\n",
         "https://c.example/simple",
         NULL,
         NULL},
        {{"PIP_INDEX_URL=", "PIP_NO_INDEX=1"}, NULL, NULL, NULL, "pip is told by"},
    };
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        struct project_rig *rig = NULL;
        void *made = NULL;
        const struct sw_installers *installers = NULL;
        struct sw_error error = {0};
        (void)state;
        assert_int_equal(project_rig_make(&made), 0);
        rig = made;
        for (size_t j = 0; j < SW_COUNT(cases[i].variables) && cases[i].variables[j] != NULL; j++)
            project_set(rig, cases[i].variables[j]);
        if (cases[i].pip_conf != NULL) {
            project_write(rig, "pip.conf", cases[i].pip_conf);
            project_set(rig, sw_arena_format(&rig->arena, "PIP_CONFIG_FILE=%s/pip.conf", rig->folder));
        }
        if (sw_installers_read(&installers, &rig->project, &error) != 0)
            fail_msg("%zu: %s", i, error.text);
        if (cases[i].refused == NULL && installers->index == NULL)
            fail_msg("%zu: %s", i, installers->no_index.text);
        if (cases[i].refused == NULL) {
            assert_string_equal(installers->index, cases[i].index);
            assert_false(installers->built_in);
        } else {
            assert_null(installers->index);
            assert_non_null(strstr(installers->no_index.text, cases[i].refused));
        }
        if (cases[i].origin != NULL)
            assert_string_equal(installers->origin, cases[i].origin);
        assert_int_equal(project_rig_remove(&made), 0);
    }
}

/* Without a setting the index is the index that pip has built in. */
static void without_a_setting_the_index_is_built_in(void **state)
{
    struct project_rig *rig = *state;
    const struct sw_installers *installers = NULL;
    project_set(rig, "PIP_INDEX_URL=");
    assert_int_equal(sw_installers_read(&installers, &rig->project, NULL), 0);
    assert_int_equal(installers->built_in, sw_own_index()[0] != '\0');
    if (installers->built_in)
        assert_string_equal(installers->index, sw_own_index());
    else
        assert_null(installers->index);
}

static void settings_that_do_not_count_are_told_of_once(void **state)
{
    struct project_rig *rig = *state;
    const struct sw_installers *installers = NULL, *again = NULL;
    project_set(rig, "PIP_EXTRA_INDEX_URL=https://user:secret@x.example/simple");
    assert_int_equal(sw_installers_read(&installers, &rig->project, NULL), 0);
    assert_int_equal(sw_installers_read(&again, &rig->project, NULL), 0);
    assert_ptr_equal(installers, again);
    assert_string_equal(rig->told.p, "not used: pip's extra-index-url, of PIP_EXTRA_INDEX_URL: a profile "
                                     "names further indexes under 'indexes'\n");
}

/* ---- the way of a build ---- */

static const char *argument(const struct sw_network *network, const char *name)
{
    for (const struct sw_pair *pair = network->arguments; pair->name != NULL; pair++) {
        if (strcmp(pair->name, name) == 0)
            return pair->value;
    }
    return NULL;
}

static void a_build_takes_the_way_of_the_host(void **state)
{
    struct project_rig *rig = *state;
    SW_NETWORK_AUTO network;
    project_write(rig, "ca.pem", "certificate\n");
    project_set(rig, "PIP_INDEX_URL=https://a.example/simple");
    project_set(rig, "HTTPS_PROXY=http://proxy.example:1");
    project_set(rig, "NO_PROXY=x.example");
    project_set(rig, sw_arena_format(&rig->arena, "SSL_CERT_FILE=%s/ca.pem", rig->folder));
    assert_int_equal(sw_network_read(&network, &rig->project, NULL), 0);
    assert_string_equal(argument(&network, "PIP_INDEX_URL"), "https://a.example/simple");
    assert_string_equal(argument(&network, "UV_DEFAULT_INDEX"), "https://a.example/simple");
    assert_string_equal(argument(&network, "HTTPS_PROXY"), "http://proxy.example:1");
    assert_string_equal(argument(&network, "NO_PROXY"), "x.example");
    assert_string_equal(argument(&network, "SSL_CERT_FILE"), "/run/slipway/certificates.pem");
    assert_string_equal(network.certificates.p, "certificate\n");
    assert_null(argument(&network, "HTTP_PROXY"));
}

static void an_authority_of_the_site_is_a_file_that_was_added(void **state)
{
    struct project_rig *rig = *state;
    const char *const folders[] = {"/nowhere", sw_arena_format(&rig->arena, "%s/anchors", rig->folder), NULL};
    assert_false(sw_certificates_are_added(folders));
    project_write(rig, "anchors/.hidden", "");
    assert_false(sw_certificates_are_added(folders));
    project_write(rig, "anchors/site.crt", "certificate\n");
    assert_true(sw_certificates_are_added(folders));
}

static void a_proxy_of_pip_alone_is_that_of_the_build(void **state)
{
    struct project_rig *rig = *state;
    SW_NETWORK_AUTO network;
    project_set(rig, "PIP_PROXY=http://pip.example:2");
    project_set(rig, "https_proxy=http://proxy.example:1");
    assert_int_equal(sw_network_read(&network, &rig->project, NULL), 0);
    assert_string_equal(argument(&network, "https_proxy"), "http://pip.example:2");
    assert_string_equal(argument(&network, "HTTP_PROXY"), "http://pip.example:2");
    assert_null(argument(&network, "no_proxy"));
}

static void a_login_or_a_missing_certificate_is_refused(void **state)
{
    struct project_rig *rig = *state;
    SW_NETWORK_AUTO network;
    struct sw_error error = {0};
    project_set(rig, "PIP_INDEX_URL=https://user:secret@a.example/simple");
    assert_int_equal(sw_network_read(&network, &rig->project, &error), SW_EINPUT);
    assert_non_null(strstr(error.text, "credentials in it"));
    assert_null(strstr(error.text, "secret@"));
    sw_network_release(&network);
    rig->project.installers = NULL;
    project_set(rig, "PIP_INDEX_URL=https://a.example/simple@1");
    assert_int_equal(sw_network_read(&network, &rig->project, &error), 0);
    sw_network_release(&network);
    rig->project.installers = NULL;
    project_set(rig, "PIP_CERT=/nowhere/ca.pem");
    assert_int_not_equal(sw_network_read(&network, &rig->project, &error), 0);
    assert_non_null(strstr(error.text, "the host's certificates"));
}

/* ---- caches and outputs ---- */

static int read_parts(struct sw_parts *parts, struct project_rig *rig, struct sw_parts_given given,
                      struct sw_error *error)
{
    *parts = (struct sw_parts){0};
    *error = (struct sw_error){0};
    return sw_parts_read(parts, &rig->project, &given, "demo", error);
}

static void parts_are_read_in_the_words_of_buildx(void **state)
{
    struct project_rig *rig = *state;
    static const char *from[] = {"r.example/cache", "type=local,src=cache-{profile}"},
                      *outputs[] = {"out", "type=image,name=a:1,push=true", "type=tar,dest=x.tar"};
    struct sw_parts parts;
    struct sw_error error;
    project_write(rig, "cache-demo/index.json", "{}");
    if (read_parts(&parts, rig,
                   (struct sw_parts_given){.cache_from = {from, SW_COUNT(from)},
                                           .outputs = {outputs, SW_COUNT(outputs)},
                                           .provenance = "mode=max",
                                           .sbom = "false"},
                   &error) != 0)
        fail_msg("%s", error.text);
    assert_string_equal(parts.cache_from[0].type, "registry");
    assert_string_equal(sw_part_get(&parts.cache_from[0], "ref"), "r.example/cache");
    assert_string_equal(parts.cache_from[1].path, project_in(rig, "cache-demo"));
    assert_string_equal(parts.outputs[0].type, "local");
    assert_string_equal(parts.outputs[0].path, project_in(rig, "out"));
    assert_string_equal(parts.outputs[2].path, project_in(rig, "x.tar"));
    assert_int_equal(parts.names.count, 1);
    assert_string_equal(parts.names.items[0], "a:1");
    assert_true(parts.push);
    assert_string_equal(parts.attestations[0].type, "provenance");
    assert_null(parts.attestations[1].type);
}

/* A cache that is not there yet is a warning, and the build does without it. */
static void a_cache_that_is_not_there_is_left_out(void **state)
{
    struct project_rig *rig = *state;
    static const char *from[] = {"type=local,src=cache-none", "r.example/cache"};
    struct sw_parts parts;
    struct sw_error error;
    assert_int_equal(
        read_parts(&parts, rig, (struct sw_parts_given){.cache_from = {from, SW_COUNT(from)}}, &error), 0);
    assert_int_equal(sw_parts_find_caches(&parts, &rig->project, &rig->project.sink, &error), 0);
    assert_int_equal(sw_parts_count(parts.cache_from), 1);
    assert_string_equal(parts.cache_from[0].type, "registry");
    assert_non_null(strstr(rig->told.p, "cache-none"));
}

static void parts_that_nobody_knows_are_refused(void **state)
{
    static const struct {
        const char *from, *output, *text;
    } cases[] = {
        {"type=ftp,ref=x", NULL, "--cache-from does not know the type 'ftp'"},
        {"ref=x", NULL, "--cache-from wants type=TYPE"},
        {"type=local", NULL, "--cache-from type=local wants src=VALUE"},
        {"type=registry,x", NULL, "--cache-from: 'x' is not NAME=VALUE"},
        {"type=gha", NULL, "the address or the token of the runner's cache is missing"},
        {NULL, "type=tar", "--output type=tar wants dest=VALUE"},
        {NULL, "type=local,dest=-", "cannot write to standard output"},
    };
    struct project_rig *rig = *state;
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        const char *from[] = {cases[i].from}, *output[] = {cases[i].output};
        struct sw_parts parts;
        struct sw_error error;
        int code = read_parts(&parts, rig,
                              (struct sw_parts_given){.cache_from = {from, cases[i].from != NULL},
                                                      .outputs = {output, cases[i].output != NULL}},
                              &error);
        assert_int_equal(code, SW_EINPUT);
        if (strstr(error.text, cases[i].text) == NULL)
            fail_msg("%zu: %s", i, error.text);
    }
}

static void a_cache_at_github_is_that_of_the_runner(void **state)
{
    struct project_rig *rig = *state;
    static const char *from[] = {"type=gha"};
    const struct sw_parts_given given = {.cache_from = {from, 1}};
    struct sw_parts parts;
    struct sw_error error;
    project_set(rig, "ACTIONS_RUNTIME_TOKEN=t");
    project_set(rig, "ACTIONS_RESULTS_URL=https://results.example/");
    assert_int_equal(read_parts(&parts, rig, given, &error), 0);
    assert_string_equal(sw_part_get(&parts.cache_from[0], "url"), "https://results.example/");
    assert_null(sw_part_get(&parts.cache_from[0], "url_v2"));
    project_set(rig, "ACTIONS_CACHE_SERVICE_V2=True");
    assert_int_equal(read_parts(&parts, rig, given, &error), 0);
    assert_string_equal(sw_part_get(&parts.cache_from[0], "url_v2"), "https://results.example/");
}

int suite_installers(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, project_rig_make, project_rig_remove)
        cmocka_unit_test(the_index_is_that_of_the_hosts_installers),
        cmocka_unit_test_setup_teardown(without_a_setting_the_index_is_built_in, project_rig_make,
                                        project_rig_remove),
        TEST(settings_that_do_not_count_are_told_of_once),
        TEST(a_build_takes_the_way_of_the_host),
        TEST(an_authority_of_the_site_is_a_file_that_was_added),
        TEST(a_proxy_of_pip_alone_is_that_of_the_build),
        TEST(a_login_or_a_missing_certificate_is_refused),
        TEST(parts_are_read_in_the_words_of_buildx),
        TEST(a_cache_that_is_not_there_is_left_out),
        TEST(parts_that_nobody_knows_are_refused),
        TEST(a_cache_at_github_is_that_of_the_runner),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
