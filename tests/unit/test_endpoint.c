#include "unit.h"

#include "base/file.h"
#include "base/sha256.h"
#include "engine/endpoint.h"

#include <unistd.h>

/* A home folder as docker leaves it: two contexts, one with TLS files, and a config.json that names one. */
struct home {
    struct sw_arena arena;
    char path[64];
};

static void put(struct home *home, const char *name, const char *text)
{
    struct sw_error error;
    char *path = sw_path_join(&home->arena, home->path, name);
    assert_int_equal(sw_dir_make(sw_path_dir(&home->arena, path), 0755, &error), 0);
    assert_int_equal(sw_file_write(path, sw_str_from(text), 0644, &error), 0);
}

static void put_context(struct home *home, const char *name, const char *meta)
{
    char hash[SW_SHA256_HEX_SIZE];
    assert_true(sw_sha256_hex(sw_str_from(name), hash));
    put(home, sw_arena_format(&home->arena, ".docker/contexts/meta/%s/meta.json", hash), meta);
}

static int make_home(void **state)
{
    struct home *home = calloc(1, sizeof *home);
    assert_non_null(home);
    sw_arena_init(&home->arena, 1 << 20);
    (void)snprintf(home->path, sizeof home->path, "/tmp/slipway-test-XXXXXX");
    assert_non_null(mkdtemp(home->path));
    put_context(home, "desktop",
                "{\"Name\":\"desktop\",\"Endpoints\":{\"docker\":{\"Host\":\"unix:///d.sock\"}}}");
    put_context(home, "far", "{\"Endpoints\":{\"docker\":{\"Host\":\"tcp://far\",\"SkipTLSVerify\":false}}}");
    put_context(home, "lax", "{\"Endpoints\":{\"docker\":{\"Host\":\"tcp://lax\",\"SkipTLSVerify\":true}}}");
    put_context(home, "empty", "{\"Endpoints\":{}}");
    put_context(home, "broken", "{\"Endpoints\":");
    char hash[SW_SHA256_HEX_SIZE];
    assert_true(sw_sha256_hex(SW_STR("far"), hash));
    put(home, sw_arena_format(&home->arena, ".docker/contexts/tls/%s/docker/ca.pem", hash), "");
    put(home, "current/config.json", "{\"auths\":{},\"currentContext\":\"elsewhere\"}");
    put(home, "default/config.json", "{\"currentContext\":\"default\"}");
    put(home, "bad/config.json", "{]");
    put(home, "certs/ca.pem", "");
    put(home, "certs/cert.pem", "");
    put(home, "certs/key.pem", "");
    *state = home;
    return 0;
}

static int remove_home(void **state)
{
    struct home *home = *state;
    assert_int_equal(sw_dir_remove(home->path, NULL), 0);
    sw_arena_release(&home->arena);
    free(home);
    return 0;
}

static void urls_are_read_as_docker_does(void **state)
{
    (void)state;
    static const struct {
        const char *url, *canonical, *base, *socket;
    } good[] = {
        {"unix:///run/x.sock", "unix:///run/x.sock", "http://docker", "/run/x.sock"},
        {"unix://", "unix:///var/run/docker.sock", "http://docker", "/var/run/docker.sock"},
        {"tcp://host", "tcp://host:2375", "http://host:2375", NULL},
        {"tcp://host:1", "tcp://host:1", "http://host:1", NULL},
        {"tcp://[::1]", "tcp://[::1]:2375", "http://[::1]:2375", NULL},
        {"tcp://[::1]:9", "tcp://[::1]:9", "http://[::1]:9", NULL},
        {"tcp://host:1/base/", "tcp://host:1/base", "http://host:1/base", NULL},
        {"host:1", "tcp://host:1", "http://host:1", NULL},
        {"http://host:1", "tcp://host:1", "http://host:1", NULL},
        {"https://host", "tcp://host:2376", "https://host:2376", NULL},
    };
    static const char *const bad[] = {
        "",           "tcp://",    "tcp://:1",        "npipe:////./pipe/x",   "fd://",
        "ftp://host", "tcp://a b", "tcp://h\r\nX: y", "/var/run/docker.sock", "tcp://u@h"};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 20);
    struct sw_endpoint endpoint;
    struct sw_error error;
    for (size_t i = 0; i < SW_COUNT(good); i++) {
        assert_int_equal(sw_endpoint_parse(&endpoint, &arena, good[i].url, "-H", &error), 0);
        assert_string_equal(endpoint.url, good[i].canonical);
        assert_string_equal(endpoint.base, good[i].base);
        if (good[i].socket == NULL)
            assert_null(endpoint.socket);
        else
            assert_string_equal(endpoint.socket, good[i].socket);
    }
    for (size_t i = 0; i < SW_COUNT(bad); i++) {
        assert_int_equal(sw_endpoint_parse(&endpoint, &arena, bad[i], "-H", &error), SW_EINPUT);
        assert_true(error.hint[0] != '\0');
    }
}

static void ssh_takes_names_only(void **state)
{
    (void)state;
    static const struct {
        const char *url, *user, *host, *port, *socket;
    } good[] = {
        {"ssh://host", NULL, "host", NULL, NULL},
        {"ssh://me@host:2222", "me", "host", "2222", NULL},
        {"ssh://me@host/run/podman/podman.sock", "me", "host", NULL, "/run/podman/podman.sock"},
        {"ssh://[::1]:22/", NULL, "::1", "22", NULL},
        {"ssh://[fe80::1%eth0]", NULL, "fe80::1%eth0", NULL, NULL},
    };
    /* What ssh would take for an option, and a shell for more than a word. */
    static const char *const bad[] = {
        "ssh://",
        "ssh://@h",
        "ssh://-oProxyCommand=x",
        "ssh://-l@host",
        "ssh://me:secret@host",
        "ssh://h:0",
        "ssh://h:65536",
        "ssh://h:x",
        "ssh://h;x",
        "ssh://h/a b",
        "ssh://h/a'b",
        "ssh://h/$(x)",
        "ssh://h/a;b",
        "ssh://h/a\nb",
        "ssh://a`b@h",
        "ssh://h?x",
        "ssh://h#x",
        "ssh://[]",
    };
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 20);
    struct sw_endpoint e;
    struct sw_error error;
    for (size_t i = 0; i < SW_COUNT(good); i++) {
        const char *const wanted[] = {good[i].url, good[i].user, good[i].host, good[i].port, good[i].socket};
        assert_int_equal(sw_endpoint_parse(&e, &arena, good[i].url, "-H", &error), 0);
        assert_int_equal(e.kind, SW_ENDPOINT_CHILD);
        const char *const found[] = {e.url, e.user, e.host, e.port, e.socket};
        for (size_t j = 0; j < SW_COUNT(wanted); j++) {
            assert_int_equal(found[j] == NULL, wanted[j] == NULL);
            assert_true(wanted[j] == NULL || strcmp(found[j], wanted[j]) == 0);
        }
    }
    for (size_t i = 0; i < SW_COUNT(bad); i++) {
        assert_int_equal(sw_endpoint_parse(&e, &arena, bad[i], "-H", &error), SW_EINPUT);
        assert_true(error.hint[0] != '\0');
    }
}

static void the_first_wish_decides(void **state)
{
    struct home *home = *state;
    static const struct {
        const char *host, *docker_host, *context, *config; /* `config`: below the home folder */
        const char *url, *origin;                          /* NULL: an error */
    } cases[] = {
        {"unix:///a", "unix:///b", "desktop", NULL, "unix:///a", "-H"},
        {NULL, "unix:///b", "desktop", NULL, "unix:///b", "DOCKER_HOST"},
        {"", "", "desktop", NULL, "unix:///d.sock", "docker context 'desktop'"},
        {NULL, NULL, "far", NULL, "tcp://far:2376", "docker context 'far'"},
        {NULL, NULL, "lax", NULL, "tcp://lax:2376", "docker context 'lax'"},
        {NULL, NULL, "tcp://anna:s3cret@host", NULL, NULL,
         "DOCKER_CONTEXT is not the name of a docker context"},
        {NULL, NULL, "missing", NULL, NULL, "docker context 'missing' (DOCKER_CONTEXT) does not exist"},
        {NULL, NULL, "empty", NULL, NULL, "docker context 'empty' has no docker endpoint"},
        {NULL, NULL, "broken", NULL, NULL, ""},
        {NULL, NULL, NULL, "current", NULL, "'elsewhere' (currentContext of config.json) does not exist"},
        {NULL, NULL, NULL, "bad", NULL, ""},
        {NULL, "nonsense", NULL, NULL, "tcp://nonsense:2375", "DOCKER_HOST"},
        {NULL, "ssh://x", NULL, NULL, "ssh://x", "DOCKER_HOST"},
        {NULL, "ssh://a:b@x", NULL, NULL, NULL, "a password cannot be given to ssh"},
    };
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        const struct sw_endpoint_wishes wishes = {
            .host = cases[i].host,
            .docker_host = cases[i].docker_host,
            .docker_context = cases[i].context,
            .docker_config =
                cases[i].config == NULL ? NULL : sw_path_join(&home->arena, home->path, cases[i].config),
            .home = home->path,
        };
        struct sw_endpoints found = {0};
        struct sw_error error = {0};
        int code = sw_endpoints_find(&found, &home->arena, &wishes, &error);
        if (cases[i].url == NULL) {
            assert_int_equal(code, SW_EINPUT);
            assert_non_null(strstr(error.text, cases[i].origin));
            continue;
        }
        assert_int_equal(code, 0);
        assert_int_equal(found.count, 1);
        assert_true(found.chosen);
        assert_string_equal(found.items[0].url, cases[i].url);
        assert_string_equal(found.items[0].origin, cases[i].origin);
    }
}

static void a_buildkit_daemon_comes_before_the_contexts(void **state)
{
    struct home *home = *state;
    static const struct {
        const char *docker_host, *buildkit_host, *url; /* NULL: an error */
    } cases[] = {
        {NULL, "tcp://far", "buildkit+tcp://far:1234"},
        {NULL, "unix://", "buildkit+unix:///run/buildkit/buildkitd.sock"},
        {"unix:///b", "tcp://far", "unix:///b"},
        {NULL, "", "unix:///d.sock"},
        {NULL, "docker-container://buildkitd", NULL},
    };
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        const struct sw_endpoint_wishes wishes = {.docker_host = cases[i].docker_host,
                                                  .buildkit_host = cases[i].buildkit_host,
                                                  .docker_context = "desktop",
                                                  .home = home->path};
        struct sw_endpoints found = {0};
        struct sw_error error = {0};
        int code = sw_endpoints_find(&found, &home->arena, &wishes, &error);
        assert_int_equal(code, cases[i].url == NULL ? SW_EINPUT : 0);
        if (cases[i].url == NULL) {
            assert_non_null(strstr(error.text, "BUILDKIT_HOST"));
            continue;
        }
        assert_string_equal(found.items[0].url, cases[i].url);
        assert_int_equal(found.items[0].buildkit, strncmp(cases[i].url, "buildkit+", 9) == 0);
    }
}

static void put_builder(struct home *home, const char *name, const char *driver, const char *address,
                        const char *options)
{
    put(home, sw_arena_format(&home->arena, ".docker/buildx/instances/%s", name),
        sw_arena_format(
            &home->arena,
            "{\"Name\":\"%s\",\"Driver\":\"%s\",\"Nodes\":[{\"Name\":\"%s_0\",\"Endpoint\":\"%s\","
            "\"Platforms\":null,\"DriverOpts\":%s}],\"Dynamic\":false}",
            name, driver, name, address, options));
}

/* The words of a command with a blank between two; "" without one. */
static const char *words_of(struct home *home, const struct sw_endpoint *endpoint)
{
    const char *text = "";
    for (size_t i = 0; endpoint->command != NULL && endpoint->command[i] != NULL; i++)
        text = sw_arena_format(&home->arena, "%s%s%s", text, i == 0 ? "" : " ", endpoint->command[i]);
    return text;
}

/* The files are as buildx 0.13 writes them. */
static void builders_of_buildx_are_found(void **state)
{
    struct home *home = *state;
    static const char fault[] = "!";
    static const struct {
        const char *name, *driver, *address, *options, *url,
            *words; /* url: `fault` for an error that says the words */
    } cases[] = {
        {"far", "remote", "tcp://host:1234", "null", "buildkit+tcp://host:1234", ""},
        {"sock", "remote", "unix:///run/b.sock", "null", "buildkit+unix:///run/b.sock", ""},
        {"safe", "remote", "tcp://host", "{\"cacert\":\"/ca\",\"cert\":\"/c\",\"key\":\"/k\"}",
         "buildkit+tcp://host:1234", ""},
        {"named", "remote", "tcp://host", "{\"cacert\":\"/ca\",\"servername\":\"x\"}", fault, "servername"},
        {"other", "remote", "ssh://host", "null", fault, "its address is of a kind"},
        {"indoors", "remote", "docker-container://bk", "null", "buildx://indoors",
         "docker exec -i bk buildctl dial-stdio"},
        {"pod", "remote", "kube-pod://bk?context=c&namespace=n", "null", "buildx://pod",
         "kubectl --namespace n --context c exec -i bk -- buildctl dial-stdio"},
        {"box", "docker-container", "unix:///d.sock", "null", "buildx://box",
         "docker --host unix:///d.sock exec -i buildx_buildkit_box_0 buildctl dial-stdio"},
        {"there", "docker-container", "desktop", "null", "buildx://there",
         "docker --context desktop exec -i buildx_buildkit_there_0 buildctl dial-stdio"},
        {"option", "docker-container", "-x", "null", fault, "no docker engine"},
        {"kube", "kubernetes", "kubernetes:///kube?deployment=buildkit-1\\u0026kubeconfig=%2Fhome%2Fkc",
         "{\"namespace\":\"ci\",\"replicas\":\"2\"}", "buildx://kube",
         "kubectl --namespace ci --kubeconfig /home/kc exec -i deploy/buildkit-1 -- buildctl dial-stdio"},
        {"plain", "kubernetes", "kubernetes:///plain?deployment=&kubeconfig=", "null", "buildx://plain",
         "kubectl exec -i deploy/plain-0 -- buildctl dial-stdio"},
        {"sly", "kubernetes", "kubernetes:///x?deployment=--all", "null", "buildx://sly",
         "kubectl exec -i deploy/--all -- buildctl dial-stdio"},
        {"slyer", "kubernetes", "kubernetes:///x?kubeconfig=--x", "null", fault, "no plain text"},
        {"cloud", "cloud", "x", "null", fault, "does not know its driver"},
        {"desktop", NULL, NULL, NULL, "unix:///d.sock", ""},
        {"nowhere", NULL, NULL, NULL, fault, "docker context 'nowhere' (--builder) does not exist"},
        {"../config", NULL, NULL, NULL, fault, "--builder names no builder"},
        {"-x", NULL, NULL, NULL, fault, "--builder names no builder"},
    };
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        const struct sw_endpoint_wishes wishes = {
            .builder = cases[i].name, .docker_host = "unix:///other", .home = home->path};
        struct sw_endpoints found = {0};
        struct sw_error error = {0};
        if (cases[i].driver != NULL)
            put_builder(home, cases[i].name, cases[i].driver, cases[i].address, cases[i].options);
        int code = sw_endpoints_find(&found, &home->arena, &wishes, &error);
        assert_int_equal(code, cases[i].url == fault ? SW_EINPUT : 0);
        if (cases[i].url == fault) {
            assert_non_null(strstr(error.text, cases[i].words));
            continue;
        }
        assert_true(found.chosen);
        assert_string_equal(found.items[0].url, cases[i].url);
        assert_string_equal(words_of(home, &found.items[0]), cases[i].words);
    }
}

static void broken_files_of_builders_are_told(void **state)
{
    struct home *home = *state;
    static const char *const texts[] = {"", "[]", "{\"Nodes\":7}", "{\"Driver\":[],\"Nodes\":[{}]}",
                                        "{\"Driver\":"};
    for (size_t i = 0; i < SW_COUNT(texts); i++) {
        const struct sw_endpoint_wishes wishes = {.builder = "broken", .home = home->path};
        struct sw_endpoints found = {0};
        put(home, ".docker/buildx/instances/broken", texts[i]);
        int code = sw_endpoints_find(&found, &home->arena, &wishes, NULL);
        assert_true(code == SW_EINPUT || (code == 0 && found.count == 1));
    }
}

static void tls_files_are_found(void **state)
{
    struct home *home = *state;
    char *certs = sw_path_join(&home->arena, home->path, "certs");
    static const struct {
        const char *url, *tls, *verify, *context;
        bool expect_tls, expect_verify, expect_certificate;
    } cases[] = {
        {"tcp://h", NULL, NULL, NULL, false, false, false},
        {"tcp://h", NULL, "1", NULL, true, true, true},
        {"tcp://h", "1", NULL, NULL, true, false, true},
        {"tcp://h", "1", "0", NULL, true, true, true}, /* any text is yes, says docker */
        {"unix:///s", "1", "1", NULL, false, false, false},
        {NULL, NULL, NULL, "far", true, true, false}, /* its folder has no cert.pem */
        {NULL, NULL, NULL, "lax", true, false, false},
    };
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        const struct sw_endpoint_wishes wishes = {.docker_host = cases[i].url,
                                                  .docker_context = cases[i].context,
                                                  .docker_tls = cases[i].tls,
                                                  .docker_tls_verify = cases[i].verify,
                                                  .docker_cert_path = certs,
                                                  .home = home->path};
        struct sw_endpoints found = {0};
        assert_int_equal(sw_endpoints_find(&found, &home->arena, &wishes, NULL), 0);
        const struct sw_endpoint *endpoint = &found.items[0];
        assert_int_equal(strncmp(endpoint->base, "https://", 8) == 0, cases[i].expect_tls);
        assert_int_equal(endpoint->verify, cases[i].expect_verify);
        assert_int_equal(endpoint->certificate != NULL, cases[i].expect_certificate);
    }
}

static void usual_places_come_in_order(void **state)
{
    struct home *home = *state;
    const struct sw_endpoint_wishes wishes = {
        .docker_config = sw_path_join(&home->arena, home->path, "default"), .home = "/h", .uid = 7};
    const struct sw_endpoint_wishes homeless = {.runtime_dir = "/r", .docker_context = "default"};
    struct sw_endpoints found = {0};
    assert_int_equal(sw_endpoints_find(&found, &home->arena, &wishes, NULL), 0);
    assert_false(found.chosen);
    assert_int_equal(found.count, 14);
    assert_string_equal(found.items[0].socket, "/var/run/docker.sock");
    assert_string_equal(found.items[1].socket, "/run/user/7/docker.sock");
    assert_string_equal(found.items[2].socket, "/h/.docker/run/docker.sock");
    assert_string_equal(found.items[11].socket, "/run/podman/podman.sock");
    assert_int_equal(sw_endpoints_find(&found, &home->arena, &homeless, NULL), 0);
    assert_int_equal(found.count, 5);
    assert_string_equal(found.items[1].socket, "/r/docker.sock");
    assert_string_equal(found.items[2].socket, "/r/podman/podman.sock");
}

int suite_endpoint(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_read_as_docker_does),
        cmocka_unit_test(ssh_takes_names_only),
        cmocka_unit_test(the_first_wish_decides),
        cmocka_unit_test(tls_files_are_found),
        cmocka_unit_test(a_buildkit_daemon_comes_before_the_contexts),
        cmocka_unit_test(builders_of_buildx_are_found),
        cmocka_unit_test(broken_files_of_builders_are_told),
        cmocka_unit_test(usual_places_come_in_order),
    };
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
