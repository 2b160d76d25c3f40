#include "check/install_internal.h"

#include "base/file.h"
#include "base/limits.h"
#include "catalog/companions.h"
#include "http/uri.h"
#include "profile/needs.h"
#include "python/name.h"
#include "python/requirements_file.h"
#include "python/wheel_name.h"

const char sw_install_isolated[] = "--isolated lifts the constraints that hold torch";

void sw_install_could(struct sw_install *install, const char *why)
{
    install->why = install->why == NULL ? why : install->why;
}

/* ---- the installed projects ---- */

/* Return true if the installer leaves the project alone, since the pinned release is there already. */
static bool is_as_pinned(const struct sw_stack *stack, const struct sw_requirement *requirement)
{
    const char *project = sw_arena_copy(stack->b.arena, requirement->name);
    const char *pin = sw_requirement_pin(stack->b.arena, requirement->text);
    const char *release = project == NULL ? NULL : sw_stack_release(stack, project);
    return pin != NULL && release != NULL && strcmp(sw_stack_public(stack, pin), release) == 0 &&
           (strchr(pin, '+') == NULL ||
            (stack->torch.local != NULL && strcmp(strchr(pin, '+'), strchr(stack->torch.local, '+')) == 0));
}

static void see_requirement(struct sw_install *install, const struct sw_requirement *requirement)
{
    if (sw_companions_has(requirement->name) && !is_as_pinned(install->stack, requirement))
        sw_install_could(install, "it names torch or what belongs to it");
}

/* A wheel's URL or path, or a repository's. */
static void see_link(struct sw_install *install, struct sw_str link)
{
    const struct sw_uri uri = sw_uri_split(link);
    struct sw_wheel_name wheel;
    SW_BUFFER_AUTO name;
    sw_buffer_init(&name, SW_MAX_PATH_SIZE);
    sw_uri_file_name(&name, &uri);
    if (sw_wheel_name_parse(&wheel, sw_buffer_str(&name), NULL) == 0) {
        if (sw_companions_has(wheel.distribution))
            sw_install_could(install, "it names torch or what belongs to it");
    } else if (sw_str_starts(link, "git+")) {
        if (sw_str_find(link, SW_STR("/pytorch/")) < link.n)
            sw_install_could(install, "it builds torch or what belongs to it");
        install->built = "what it requires is known only when it is built, and held to the constraints";
    }
}

/* ---- files of requirements ---- */

/* The file in the folder that a copy brings to `path` of the image; NULL if the copy does not bring it. */
static const char *source_of(const struct sw_stack *stack, const struct sw_node *copy, const char *path)
{
    const char *from = sw_node_text(sw_node_get(copy, "from"), ""),
               *to = sw_node_text(sw_node_get(copy, "to"), "");
    size_t n = strlen(to);
    if (sw_node_get(copy, "from") == NULL || sw_node_get(copy, "image") != NULL)
        return NULL;
    if (strcmp(path, to) == 0)
        return from;
    if (n == 0 || to[n - 1] != '/' || strncmp(path, to, n) != 0)
        return NULL;
    return strcmp(sw_path_base(from), path + n) == 0 ? from : sw_path_join(stack->b.arena, from, path + n);
}

static void see_entry(struct sw_install *install, const struct sw_requirements_entry *entry)
{
    if (entry->kind == SW_REQUIREMENTS_NAMED)
        see_requirement(install, &entry->requirement);
    else if (entry->kind == SW_REQUIREMENTS_LINK || entry->kind == SW_REQUIREMENTS_EDITABLE)
        see_link(install, entry->value);
    else if (entry->kind == SW_REQUIREMENTS_INDEX_URL || entry->kind == SW_REQUIREMENTS_EXTRA_INDEX_URL)
        install->index = sw_arena_copy(install->stack->b.arena, entry->value);
}

/* Read a file of the image, as far as the context brings it; a file that is missing or cannot be read is the
 * build's to report. */
static void see_file(struct sw_install *install, const char *path)
{
    const struct sw_stack *stack = install->stack;
    const struct sw_requirements_source source = sw_permissions_requirements(stack->input->permissions);
    const struct sw_node *copies = sw_stack_get(stack, "context.copy");
    const char *folder = stack->input->profile->path == NULL
                             ? NULL
                             : sw_profile_context(stack->b.arena, stack->input->profile);
    for (size_t i = 0; folder != NULL && i < sw_node_count(copies); i++) {
        const char *own = source_of(stack, sw_node_item(copies, i), path);
        const char *here = own == NULL ? NULL : sw_path_join(stack->b.arena, folder, own);
        struct sw_requirements list;
        if (here == NULL || sw_requirements_read(&list, stack->b.arena, here, &source, NULL) != 0)
            continue;
        for (size_t k = 0; k < list.count; k++)
            see_entry(install, &list.items[k]);
        return;
    }
}

/* ---- options ---- */

enum meaning { NOTHING, REPLACES, REINSTALLS, UPGRADES, INDEX, FROM_FILE, ISOLATES, BACKEND, ONE };

/* The options that matter, and the options whose value must not be taken for a requirement. */
static const struct {
    const char *name;
    bool takes_value;
    enum meaning meaning;
} options[] = {
    {"--ignore-installed", false, REPLACES},
    {"--force-reinstall", false, REINSTALLS},
    {"--reinstall", false, REINSTALLS},
    {"--upgrade", false, UPGRADES},
    {"--isolated", false, ISOLATES},
    {"--torch-backend", true, BACKEND},
    {"--reinstall-package", true, ONE},
    {"--upgrade-package", true, ONE},
    {"-P", true, ONE},
    {"--index-url", true, INDEX},
    {"--extra-index-url", true, INDEX},
    {"--default-index", true, INDEX},
    {"--index", true, INDEX},
    {"-i", true, INDEX},
    {"--requirement", true, FROM_FILE},
    {"--requirements", true, FROM_FILE},
    {"-r", true, FROM_FILE},
    {"--constraint", true, NOTHING},
    {"--constraints", true, NOTHING},
    {"-c", true, NOTHING},
    {"--build-constraint", true, NOTHING},
    {"--override", true, NOTHING},
    {"--target", true, NOTHING},
    {"-t", true, NOTHING},
    {"--platform", true, NOTHING},
    {"--python-version", true, NOTHING},
    {"--python", true, NOTHING},
    {"-p", true, NOTHING},
    {"--prefix", true, NOTHING},
    {"--root", true, NOTHING},
    {"--src", true, NOTHING},
    {"--upgrade-strategy", true, NOTHING},
    {"--no-binary", true, NOTHING},
    {"--only-binary", true, NOTHING},
    {"--config-settings", true, NOTHING},
    {"--config-setting", true, NOTHING},
    {"-C", true, NOTHING},
    {"--global-option", true, NOTHING},
    {"--find-links", true, NOTHING},
    {"-f", true, NOTHING},
    {"--trusted-host", true, NOTHING},
    {"--allow-insecure-host", true, NOTHING},
    {"--cert", true, NOTHING},
    {"--timeout", true, NOTHING},
    {"--default-timeout", true, NOTHING},
    {"--retries", true, NOTHING},
    {"--proxy", true, NOTHING},
    {"--log", true, NOTHING},
    {"--report", true, NOTHING},
    {"--cache-dir", true, NOTHING},
    {"--progress-bar", true, NOTHING},
    {"--root-user-action", true, NOTHING},
    {"--index-strategy", true, NOTHING},
    {"--keyring-provider", true, NOTHING},
    {"--link-mode", true, NOTHING},
    {"--resolution", true, NOTHING},
    {"--prerelease", true, NOTHING},
    {"--exclude-newer", true, NOTHING},
    {"--no-build-isolation-package", true, NOTHING},
    {"--extra", true, NOTHING},
    {"--group", true, NOTHING},
};

static void take_option(struct sw_install *install, enum meaning meaning, const char *value)
{
    switch (meaning) {
    case NOTHING:
        return;
    case REPLACES:
        sw_install_could(install, "--ignore-installed installs over what is there without removing it");
        return;
    case REINSTALLS:
        sw_install_could(install, "it installs torch again, from the index of this command");
        return;
    case UPGRADES:
        install->upgrades = true;
        return;
    case ISOLATES:
        sw_install_could(install, sw_install_isolated);
        return;
    case BACKEND:
        sw_install_could(install, "--torch-backend chooses the index of torch anew");
        return;
    case ONE:
        if (sw_companions_has(sw_str_from(value)))
            sw_install_could(install, "it names torch or what belongs to it");
        return;
    case INDEX:
        install->index = value;
        return;
    case FROM_FILE:
        see_file(install, value);
        return;
    }
}

/* -qU, -Iv: letters without values. */
static void see_letters(struct sw_install *install, const char *letters)
{
    for (; *letters != '\0' && strchr("qvUIn", *letters) != NULL; letters++) {
        if (*letters == 'I')
            take_option(install, REPLACES, NULL);
        else if (*letters == 'U')
            take_option(install, UPGRADES, NULL);
    }
}

/* Count the words that the option at words[0] takes. */
static size_t see_option(struct sw_install *install, const char *const *words, size_t left)
{
    struct sw_str value = sw_str_from(words[0]);
    bool is_long = sw_str_starts(value, "--");
    struct sw_str name = is_long ? sw_str_cut(&value, '=') : value;
    for (size_t i = 0; i < SW_COUNT(options); i++) {
        bool glued = is_long && value.p != NULL;
        if (!is_long && strlen(options[i].name) == 2 && sw_str_starts(name, options[i].name) && name.n > 2) {
            take_option(install, options[i].meaning, words[0] + 2); /* -rFILE */
            return 1;
        }
        if (!sw_str_is(name, options[i].name))
            continue;
        if (options[i].takes_value && !glued && left < 2)
            return 1;
        take_option(install, options[i].meaning, glued ? value.p : words[options[i].takes_value]);
        return options[i].takes_value && !glued ? 2 : 1;
    }
    if (!is_long)
        see_letters(install, words[0] + 1);
    return 1;
}

/* The CUDA variant, or the like, at the end of the URL of an index of torch's; empty if the URL ends
 * otherwise. */
static struct sw_str variant_of(const char *index)
{
    struct sw_str rest = sw_str_from(index), last = {NULL, 0};
    while (rest.p != NULL) {
        struct sw_str part = sw_str_cut(&rest, '/');
        last = part.n > 0 ? part : last;
    }
    bool cuda = sw_str_starts(last, "cu") && last.n > 2 && sw_is_digit((unsigned char)last.p[2]);
    return cuda || sw_str_is(last, "cpu") || sw_str_starts(last, "rocm") ? last : SW_STR("");
}

const char *sw_install_other_variant(const struct sw_stack *stack, const char *index)
{
    struct sw_str variant = variant_of(index);
    const char *own =
        stack->torch.cuda == NULL ? NULL : sw_catalog_variant(stack->b.arena, stack->torch.cuda);
    return variant.n == 0 || own == NULL || sw_str_is(variant, own) ? NULL
                                                                    : sw_arena_copy(stack->b.arena, variant);
}

void sw_install_read(struct sw_install *install, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count;) {
        struct sw_requirement requirement;
        struct sw_str word = sw_str_from(words[i]);
        if (words[i][0] == '-' && word.n > 1) {
            i += see_option(install, words + i, count - i);
            continue;
        }
        i++;
        if (strchr(word.p, '/') == NULL || strchr(word.p, '@') != NULL) {
            if (sw_requirement_parse(&requirement, install->stack->b.arena, word, NULL) == 0) {
                see_requirement(install, &requirement);
                word = requirement.url;
            }
        }
        if (word.n > 0)
            see_link(install, word);
    }
    const char *other =
        install->index == NULL ? NULL : sw_install_other_variant(install->stack, install->index);
    if (other != NULL)
        sw_install_could(install,
                         sw_arena_format(install->stack->b.arena,
                                         "what comes from the index of %s is built for another CUDA", other));
    if (install->upgrades && install->index != NULL)
        sw_install_could(install, "it upgrades what is there from another index");
}
