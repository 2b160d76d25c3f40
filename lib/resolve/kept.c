#include "resolve/kept.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "resolve/kept_form_internal.h"

/* Changes with the form, and with any change of the resolver that can give another answer. */
#define FORM "resolution3"

enum { KEY_SIZE = SW_SHA256_HEX_SIZE + 32 };

static void add_requirements(struct sw_buffer *out, const char *kind,
                             const struct sw_requirement *requirements, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sw_buffer_addf(out, "%s ", kind);
        sw_requirement_write(out, &requirements[i]);
        sw_buffer_addf(out, " %.*s\n", SW_STR_FORMAT(requirements[i].text));
    }
}

static void add_bars(struct sw_buffer *out, const struct sw_resolve_input *input)
{
    for (size_t i = 0; i < input->bar_count; i++) {
        const struct sw_resolve_bar *bar = &input->bars[i];
        sw_buffer_addf(out, "bar %s", bar->project);
        sw_specifier_set_write(out, &bar->releases);
        sw_buffer_addf(out, " %s", bar->beside == NULL ? "" : bar->beside);
        sw_specifier_set_write(out, &bar->beside_releases);
        sw_buffer_addf(out, " %s\t%s\t%s\n", bar->reason, bar->reason_plural, bar->source);
    }
}

static void add_names(struct sw_buffer *out, const char *kind, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sw_buffer_addf(out, "%s %s\n", kind, names[i]);
}

static void add_target(struct sw_buffer *out, const struct sw_resolve_input *input)
{
    const struct sw_marker_environment *environment = &input->environment;
    const char *const texts[] = {environment->python_version,
                                 environment->python_full_version,
                                 environment->os_name,
                                 environment->sys_platform,
                                 environment->platform_machine,
                                 environment->platform_release,
                                 environment->platform_system,
                                 environment->platform_version,
                                 environment->platform_python_implementation,
                                 environment->implementation_name,
                                 environment->implementation_version};
    sw_buffer_addf(out, "python %.*s %d%d\n", SW_STR_FORMAT(input->python.text), input->prereleases,
                   input->ignore_python_ends);
    for (size_t i = 0; i < SW_COUNT(texts); i++)
        sw_buffer_addf(out, "environment %s\n", texts[i] == NULL ? "" : texts[i]);
    for (size_t i = 0; i < input->tags.count; i++)
        sw_buffer_addf(out, "%s-%s-%s\n", input->tags.items[i].interpreter, input->tags.items[i].abi,
                       input->tags.items[i].platform);
}

/* The key of a question: a digest of all that decides about its answer. False without memory. */
static bool make_key(char key[KEY_SIZE], const struct sw_resolve_input *input)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RESOLVE_QUESTION);
    sw_index_write_origin(&text, input->index);
    add_target(&text, input);
    add_requirements(&text, "root", input->roots, input->root_count);
    add_requirements(&text, "constraint", input->constraints, input->constraint_count);
    add_requirements(&text, "override", input->overrides, input->override_count);
    add_bars(&text, input);
    add_names(&text, "no-build", input->no_build, input->no_build_count);
    add_names(&text, "no-binary", input->no_binary, input->no_binary_count);
    add_names(&text, "left-out", input->left_out, input->left_out_count);
    for (size_t i = 0; i < input->preference_count; i++)
        sw_buffer_addf(&text, "prefer %s %.*s\n", input->preferences[i].project,
                       SW_STR_FORMAT(input->preferences[i].version.text));
    char digest[SW_SHA256_HEX_SIZE];
    if (text.state != SW_BUFFER_OK || !sw_sha256_hex(sw_buffer_str(&text), digest))
        return false;
    (void)snprintf(key, KEY_SIZE, "%s %s", FORM, digest);
    return true;
}

static int64_t seconds_now(void)
{
    return sw_clock_epoch() / SW_SECOND_NS;
}

/* Read the kept answer, if it is fresh or nothing may be fetched. */
static bool recall(struct sw_resolve_answer *out, struct sw_arena *arena,
                   const struct sw_resolve_input *input, const char *key)
{
    const struct sw_cache *cache = sw_index_cache(input->index);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RESOLVE_ANSWER);
    struct sw_resolve_answer answer;
    int64_t until = 0, now = seconds_now();
    if (!sw_store_get(&text, cache->store, sw_str_from(key)) ||
        !sw_kept_read(&answer, &until, arena, sw_buffer_str(&text), input))
        return false;
    /* A clock that was set back must not make an answer last. */
    if (!cache->offline && (until <= now || until > now + SW_RESOLVE_FRESH_SECONDS))
        return false;
    *out = answer;
    return true;
}

int sw_resolve_kept(struct sw_resolve_answer *out, struct sw_arena *arena,
                    const struct sw_resolve_input *input, struct sw_error *error)
{
    char key[KEY_SIZE];
    bool keyed = make_key(key, input);
    if (keyed && recall(out, arena, input, key))
        return 0;
    int code = sw_resolve(out, arena, input, error);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RESOLVE_ANSWER);
    if (code == 0 && keyed && sw_kept_write(&text, out, seconds_now() + SW_RESOLVE_FRESH_SECONDS))
        sw_store_put(sw_index_cache(input->index)->store, sw_str_from(key), sw_buffer_str(&text));
    return code;
}
