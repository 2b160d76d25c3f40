#include "unit.h"

#include "base/base64.h"
#include "base/file.h"
#include "engine/credentials.h"

#include <sys/stat.h>
#include <unistd.h>

/* A folder with docker's config.json, and a helper in PATH that knows two registries. */
struct place {
    struct sw_arena arena;
    char path[64];
    const char *variables[5]; /* a second may be DOCKER_AUTH_CONFIG */
};

static const char config[] =
    "{\"auths\": {"
    "  \"plain:5000\": {\"auth\": \"YW5uYTpzM2M6cmV0\"},"
    "  \"https://url.example/v2/\": {\"auth\": \"Ym9iOnB3AAA=\"},"
    "  \"https://index.docker.io/v1/\": {\"username\": \"hub\", \"password\": \"pw\"},"
    "  \"token.example\": {\"auth\": \"PHRva2VuPjo=\", \"identitytoken\": \"id-token\"},"
    "  \"ready.example\": {\"registrytoken\": \"reg-token\"},"
    "  \"broken.example\": {\"auth\": \"%%%\"},"
    "  \"nocolon.example\": {\"auth\": \"YWJj\"},"
    "  \"helped.example\": {\"auth\": \"YW5uYTpub3QgdGhpcw==\"}},"
    " \"credHelpers\": {\"helped.example\": \"slipway-test\", \"id.example\": \"slipway-test\","
    "  \"none.example\": \"slipway-test\", \"fails.example\": \"slipway-test\", \"gone.example\": "
    "\"no-such-helper\","
    "  \"evil.example\": \"../evil\", \"login.example\": \"anna:s3cret\"}}";

static const char helper[] =
    "#!/bin/sh\n"
    "[ \"$#\" = 1 ] && [ \"$1\" = get ] || exit 9\n"
    "read -r registry\n"
    "case $registry in\n"
    "helped.example) echo '{\"ServerURL\": \"x\", \"Username\": \"carl\", \"Secret\": \"from helper\"}' ;;\n"
    "id.example) echo '{\"Username\": \"<token>\", \"Secret\": \"id2\"}' ;;\n"
    "none.example) echo 'credentials not found in native keychain'; exit 1 ;;\n"
    "*) echo 'locked'; exit 3 ;;\n"
    "esac\n";

static void put(struct place *place, const char *name, const char *text, unsigned mode)
{
    const char *path = sw_path_join(&place->arena, place->path, name);
    assert_int_equal(sw_file_write(path, sw_str_from(text), mode, NULL), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    sw_arena_init(&place->arena, 1 << 20);
    (void)snprintf(place->path, sizeof place->path, "/tmp/slipway-test-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    put(place, "config.json", config, 0600);
    put(place, "docker-credential-slipway-test", helper, 0700);
    place->variables[0] = sw_arena_format(&place->arena, "PATH=%s:%s", place->path, getenv("PATH"));
    *state = place;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    assert_int_equal(sw_dir_remove(place->path, NULL), 0);
    sw_arena_release(&place->arena);
    free(place);
    return 0;
}

/* "NAME PASSWORD IDENTITY-TOKEN REGISTRY-TOKEN", or the error's code and text. `environment`: DOCKER_AUTH_CONFIG, or NULL. */
static const char *look_up(struct place *place, const char *environment, const char *registry)
{
    struct sw_credentials *credentials = NULL;
    struct sw_error error = {0};
    SW_LOGIN_AUTO login = {0};
    const char *said = NULL;
    place->variables[1] =
        environment == NULL ? NULL : sw_arena_format(&place->arena, "DOCKER_AUTH_CONFIG=%s", environment);
    assert_int_equal(sw_credentials_read(&credentials, place->path, place->variables, &error), 0);
    int code = sw_credentials_find(&login, credentials, registry, NULL, &error);
    if (code == 0)
        said = sw_arena_format(&place->arena, "%s|%s|%s|%s", login.username, login.password,
                               login.identity_token, login.registry_token);
    else
        said = sw_arena_format(&place->arena, "%d %s", code, error.text);
    sw_credentials_free(credentials);
    return said;
}

static void logins_are_found_where_docker_finds_them(void **state)
{
    struct place *place = *state;
    static const struct {
        const char *registry, *found;
    } cases[] = {
        {"plain:5000", "anna|s3c:ret||"},
        {"plain", "|||"},
        {"url.example", "bob|pw||"},
        {"docker.io", "hub|pw||"},
        {"registry-1.docker.io", "hub|pw||"},
        {"token.example", "<token>||id-token|"},
        {"ready.example", "|||reg-token"},
        {"unknown.example", "|||"},
        {"helped.example", "carl|from helper||"},
        {"id.example", "||id2|"},
        {"none.example", "|||"},
        {"broken.example", "-2 the login for 'broken.example' in docker's config.json is malformed"},
        {"nocolon.example", "-2 the login for 'nocolon.example' in docker's config.json is malformed"},
        {"fails.example", "-3 the credential helper 'docker-credential-slipway-test' failed with status 3"},
        {"gone.example", "-5 the credential helper 'docker-credential-no-such-helper' is not installed"},
        {"evil.example",
         "-2 docker's config.json names a credential helper for 'evil.example' with other characters "
         "than letters, digits, '-', '_' and '.'"},
        {"login.example", "-2 docker's config.json names a credential helper for 'login.example' with other "
                          "characters than letters, digits, '-', '_' and '.'"},
    };
    for (size_t i = 0; i < SW_COUNT(cases); i++)
        assert_string_equal(look_up(place, NULL, cases[i].registry), cases[i].found);
}

static void the_environment_comes_first(void **state)
{
    struct place *place = *state;
    const char *environment = "{\"auths\": {\"helped.example\": {\"auth\": \"ZW52OnB3\"}}}";
    assert_string_equal(look_up(place, environment, "helped.example"), "env|pw||");
    assert_string_equal(look_up(place, environment, "plain:5000"), "anna|s3c:ret||");
}

static void a_store_serves_every_registry(void **state)
{
    struct place *place = *state;
    put(place, "config.json",
        "{\"credsStore\": \"slipway-test\", \"auths\": {\"plain:5000\": {\"auth\": \"YTpi\"}}}", 0600);
    assert_string_equal(look_up(place, NULL, "helped.example"), "carl|from helper||");
    assert_string_equal(look_up(place, NULL, "plain:5000"),
                        "-3 the credential helper 'docker-credential-slipway-test' failed with status 3");
}

/* A folder that a stranger filled, and PATHs that would look into it. */
static void a_helper_comes_from_no_folder_of_a_stranger(void **state)
{
    struct place *place = *state;
    static const char *const searches[] = {"PATH=.", "PATH=", "PATH=:/usr/bin:/bin", "PATH=.:/usr/bin:/bin",
                                           "PATH=/usr/bin:/bin:"};
    const char *before = sw_arena_text(&place->arena, place->variables[0]);
    char *here = getcwd(NULL, 0);
    assert_int_equal(chdir(place->path), 0);
    for (size_t i = 0; i < SW_COUNT(searches); i++) {
        place->variables[0] = searches[i];
        assert_string_equal(look_up(place, NULL, "helped.example"),
                            "-5 the credential helper 'docker-credential-slipway-test' is not installed");
    }
    place->variables[0] = before;
    assert_string_equal(look_up(place, NULL, "helped.example"), "carl|from helper||");
    assert_int_equal(chdir(here), 0);
    free(here);
}

/* Docker's own variables reach a helper, and a folder that is named as seen from here is still found. */
static void a_helper_sees_its_variables_and_no_others(void **state)
{
    struct place *place = *state;
    put(place, "docker-credential-slipway-test",
        "#!/bin/sh\nprintf '{\"Username\": \"%s\", \"Secret\": \"%s %s\"}' \"$DOCKER_CONFIG\" "
        "\"$PASSWORD_STORE_DIR\" \"$PYTHONPATH$GIT_DIR$PWD\"\n",
        0700);
    char *here = getcwd(NULL, 0);
    assert_int_equal(chdir("/usr"), 0);
    const char *const variables[] = {place->variables[0], "DOCKER_CONFIG=bin", "PASSWORD_STORE_DIR=/store",
                                     "PYTHONPATH=.",      "GIT_DIR=evil",      NULL};
    struct sw_credentials *credentials = NULL;
    SW_LOGIN_AUTO login = {0};
    assert_int_equal(sw_credentials_read(&credentials, place->path, variables, NULL), 0);
    assert_int_equal(sw_credentials_find(&login, credentials, "helped.example", NULL, NULL), 0);
    assert_string_equal(login.username, "/usr/bin");
    assert_string_equal(login.password, "/store /");
    sw_credentials_free(credentials);
    assert_int_equal(chdir(here), 0);
    free(here);
}

static void missing_and_unreadable_files(void **state)
{
    struct place *place = *state;
    struct sw_credentials *credentials = NULL;
    const char *const nonsense[] = {"DOCKER_AUTH_CONFIG=nonsense", NULL};
    struct sw_error error = {0};
    SW_LOGIN_AUTO login = {0};
    assert_int_equal(sw_credentials_read(&credentials, "/no/such/folder", NULL, &error), 0);
    assert_int_equal(sw_credentials_find(&login, credentials, "x", NULL, &error), 0);
    assert_string_equal(login.password, "");
    sw_credentials_free(credentials);
    put(place, "config.json", "", 0600);
    assert_string_equal(look_up(place, NULL, "plain:5000"), "|||");
    put(place, "config.json", "{]", 0600);
    assert_int_equal(sw_credentials_read(&credentials, place->path, NULL, &error), SW_EINPUT);
    assert_non_null(strstr(error.file, "config.json"));
    assert_int_equal(sw_credentials_read(&credentials, NULL, nonsense, &error), SW_EINPUT);
}

/* Wherever the JSON breaks: its text may be a login. */
static void errors_quote_nothing(void **state)
{
    struct place *place = *state;
    static const char *const texts[] = {"{\"auths\": {\"x\": {\"auth\": s3cret}}}",
                                        "{\"auths\": {\"x\": {\"password\" \"s3cret\"}}}",
                                        "{\"auths\": {\"x\": {\"auth\": \"s3cret\n\"}}}",
                                        "{\"s3cret\\u12zz\": 1}",
                                        "[\"s3cret\\q\"]",
                                        "{\"s3cret\": 1, \"s3cret\": 2}",
                                        "{\"auths\": {}} s3cret",
                                        "[s3cret near 's3cret']",
                                        "\"s3cret",
                                        "[1s3cret]"};
    for (size_t i = 0; i < SW_COUNT(texts); i++) {
        struct sw_credentials *credentials = NULL;
        struct sw_error error = {0};
        put(place, "config.json", texts[i], 0600);
        assert_int_equal(sw_credentials_read(&credentials, place->path, NULL, &error), SW_EINPUT);
        assert_null(strstr(error.text, "s3"));
        assert_null(strstr(error.hint, "s3"));
        const char *const variables[] = {sw_arena_format(&place->arena, "DOCKER_AUTH_CONFIG=%s", texts[i]),
                                         NULL};
        assert_int_equal(sw_credentials_read(&credentials, NULL, variables, &error), SW_EINPUT);
        assert_null(strstr(error.text, "s3"));
    }
}

/* Engines take URL-safe base64 with padding, and nothing else. */
static void a_login_becomes_a_header(void **state)
{
    (void)state;
    SW_BUFFER_AUTO header;
    sw_buffer_init(&header, 4096);
    struct sw_login login = {
        .username = "\xc3\xbf?>", .password = "p", .identity_token = "", .registry_token = ""};
    assert_int_equal(sw_login_header(&header, &login, "h:1", NULL), 0);
    assert_string_equal(header.p,
                        "eyJ1c2VybmFtZSI6IsO_Pz4iLCJwYXNzd29yZCI6InAiLCJzZXJ2ZXJhZGRyZXNzIjoiaDoxIn0=");
    sw_buffer_clear(&header);
    login = (struct sw_login){.username = "", .password = "", .identity_token = "", .registry_token = ""};
    assert_int_equal(sw_login_header(&header, &login, "h:1", NULL), 0);
    assert_string_equal(header.p, "e30=");
}

int suite_credentials(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(logins_are_found_where_docker_finds_them, make_place, remove_place),
        cmocka_unit_test_setup_teardown(the_environment_comes_first, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_store_serves_every_registry, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_helper_comes_from_no_folder_of_a_stranger, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(a_helper_sees_its_variables_and_no_others, make_place, remove_place),
        cmocka_unit_test_setup_teardown(missing_and_unreadable_files, make_place, remove_place),
        cmocka_unit_test_setup_teardown(errors_quote_nothing, make_place, remove_place),
        cmocka_unit_test(a_login_becomes_a_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
