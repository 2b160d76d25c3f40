#include "lock/pylock.h"

#include "base/limits.h"
#include "base/text.h"

static void add_text(struct sw_buffer *out, struct sw_str text)
{
    sw_buffer_add_char(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '"' || c == '\\')
            sw_buffer_addf(out, "\\%c", c);
        else if (c < ' ' || c == 0x7f)
            sw_buffer_addf(out, "\\u%04X", c);
        else
            sw_buffer_add_char(out, (char)c);
    }
    sw_buffer_add_char(out, '"');
}

static void add_line(struct sw_buffer *out, const char *key, const char *value)
{
    if (value[0] == '\0')
        return;
    sw_buffer_addf(out, "%s = ", key);
    add_text(out, sw_str_from(value));
    sw_buffer_add_char(out, '\n');
}

/* A list with an item a line, so that a change of one item is a change of one line. */
static void add_list(struct sw_buffer *out, const char *key, const char *const *items, size_t count)
{
    if (count == 0)
        return;
    sw_buffer_addf(out, "%s = [\n", key);
    for (size_t i = 0; i < count; i++) {
        sw_buffer_add_text(out, "    ");
        add_text(out, sw_str_from(items[i]));
        sw_buffer_add_text(out, ",\n");
    }
    sw_buffer_add_text(out, "]\n");
}

/* `, key = "value"` within an inline table. */
static void add_pair(struct sw_buffer *out, const char *key, struct sw_str value)
{
    if (value.n == 0)
        return;
    sw_buffer_addf(out, ", %s = ", key);
    add_text(out, value);
}

static void add_url(struct sw_buffer *out, const char *key, struct sw_str url)
{
    SW_BUFFER_AUTO shown;
    struct sw_str login;
    sw_buffer_init(&shown, SW_MAX_URL_SIZE);
    bool found = sw_text_find_login(&login, url);
    size_t before = found ? (size_t)(login.p - url.p) : url.n;
    sw_buffer_add(&shown, url.p, before);
    if (found)
        sw_buffer_add_str(&shown, sw_str_drop(url, before + login.n + 1)); /* and the "@" */
    if (shown.state != SW_BUFFER_OK)
        out->state = shown.state;
    sw_buffer_addf(out, "%s = ", key);
    add_text(out, sw_buffer_str(&shown));
}

/* PEP 751 wants a date and time of TOML. */
static bool is_time(const char *text)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd";
    size_t i = 0;
    for (; form[i] != '\0'; i++) {
        if (form[i] == 'd' ? !sw_is_digit(text[i]) : text[i] != form[i])
            return false;
    }
    if (text[i] == '.') {
        for (i++; sw_is_digit(text[i]); i++)
            ;
        if (!sw_is_digit(text[i - 1]))
            return false;
    }
    return strcmp(text + i, "Z") == 0;
}

static void add_facts(struct sw_buffer *out, const struct sw_resolved_file *file)
{
    if (is_time(file->uploaded))
        sw_buffer_addf(out, ", upload-time = %s", file->uploaded);
    if (file->size > 0)
        sw_buffer_addf(out, ", size = %llu", (unsigned long long)file->size);
    sw_buffer_add_text(out, ", hashes = { sha256 = ");
    add_text(out, sw_str_from(file->sha256));
    sw_buffer_add_text(out, " }");
}

/* A file of an index: an entry of `wheels`, or the value of `sdist`. */
static void add_index_file(struct sw_buffer *out, const struct sw_resolved_file *file)
{
    sw_buffer_add_text(out, "{ name = ");
    add_text(out, sw_str_from(file->name));
    sw_buffer_add_text(out, ", ");
    add_url(out, "url", sw_str_from(file->url));
    add_facts(out, file);
    sw_buffer_add_text(out, " }");
}

struct sw_str sw_pylock_commit(struct sw_str url)
{
    struct sw_str text = {url.p, sw_str_find(url, SW_STR("#"))};
    for (size_t i = text.n; i > 0; i--) {
        if (text.p[i - 1] != '@' || text.n - i != 40)
            continue;
        struct sw_str commit = sw_str_drop(text, i);
        for (size_t j = 0; j < commit.n; j++) {
            if (!sw_is_digit(commit.p[j]) && !(commit.p[j] >= 'a' && commit.p[j] <= 'f'))
                return (struct sw_str){"", 0};
        }
        return commit;
    }
    return (struct sw_str){"", 0};
}

/* The value of "subdirectory=..." in the fragment of a URL. */
static struct sw_str subdirectory(struct sw_str url)
{
    struct sw_str rest = sw_str_drop(url, sw_str_find(url, SW_STR("#")));
    if (rest.n > 0)
        rest = sw_str_drop(rest, 1);
    while (rest.n > 0) {
        struct sw_str part = sw_str_cut(&rest, '&');
        if (sw_str_starts(part, "subdirectory="))
            return sw_str_drop(part, strlen("subdirectory="));
    }
    return (struct sw_str){"", 0};
}

/* `git+https://host/path@COMMIT#...` as PEP 751's table. */
static void add_vcs(struct sw_buffer *out, const struct sw_resolved_file *file)
{
    struct sw_str url = sw_str_from(file->url);
    struct sw_str commit = sw_pylock_commit(url);
    size_t from = sw_str_starts(url, "git+") ? strlen("git+") : 0;
    struct sw_str bare = {url.p + from, (size_t)(commit.p - url.p) - 1 - from};
    sw_buffer_add_text(out, "vcs = { type = \"git\", ");
    add_url(out, "url", bare);
    add_pair(out, "requested-revision", sw_str_from(file->revision));
    add_pair(out, "commit-id", commit);
    add_pair(out, "subdirectory", subdirectory(url));
    sw_buffer_add_text(out, " }\n");
}

static void add_archive(struct sw_buffer *out, const struct sw_resolved_file *file)
{
    struct sw_str url = sw_str_from(file->url);
    sw_buffer_add_text(out, "archive = { ");
    add_url(out, "url", (struct sw_str){url.p, sw_str_find(url, SW_STR("#"))});
    add_facts(out, file);
    add_pair(out, "subdirectory", subdirectory(url));
    sw_buffer_add_text(out, " }\n");
}

static void add_file(struct sw_buffer *out, const struct sw_resolved_file *file)
{
    switch (file->kind) {
    case SW_RESOLVED_WHEEL:
        sw_buffer_add_text(out, "wheels = [\n    ");
        add_index_file(out, file);
        sw_buffer_add_text(out, ",\n]\n");
        break;
    case SW_RESOLVED_SDIST:
        sw_buffer_add_text(out, "sdist = ");
        add_index_file(out, file);
        sw_buffer_add_char(out, '\n');
        break;
    case SW_RESOLVED_VCS:
        add_vcs(out, file);
        break;
    case SW_RESOLVED_URL_WHEEL:
    case SW_RESOLVED_URL_SDIST:
        add_archive(out, file);
        break;
    }
}

/* PEP 751 has no keys for extras, and none for the requirements whose packages `dependencies` names. */
static void add_tool(struct sw_buffer *out, const struct sw_resolved_package *package)
{
    if (package->known && package->extra_count == 0 && package->dependency_count == 0)
        return;
    sw_buffer_add_text(out, "[packages.tool.slipway]\n");
    if (!package->known)
        sw_buffer_add_text(out, "unknown = true\n");
    add_list(out, "extras", package->extras, package->extra_count);
    if (package->dependency_count == 0)
        return;
    sw_buffer_add_text(out, "requires = [\n");
    for (size_t i = 0; i < package->dependency_count; i++) {
        sw_buffer_add_text(out, "    ");
        add_text(out, sw_str_from(package->dependencies[i].text));
        sw_buffer_add_text(out, ",\n");
    }
    sw_buffer_add_text(out, "]\n");
}

static void add_package(struct sw_buffer *out, const struct sw_resolution *set, size_t i)
{
    const struct sw_resolved_package *package = &set->packages[i];
    sw_buffer_add_text(out, "\n[[packages]]\n");
    add_line(out, "name", package->name);
    add_line(out, "version", package->version);
    add_line(out, "requires-python", package->requires_python);
    if (package->dependency_count > 0) {
        sw_buffer_add_text(out, "dependencies = [\n");
        for (size_t j = 0; j < package->dependency_count; j++) {
            sw_buffer_add_text(out, "    { name = ");
            add_text(out, sw_str_from(set->packages[package->dependencies[j].package].name));
            sw_buffer_add_text(out, " },\n");
        }
        sw_buffer_add_text(out, "]\n");
    }
    add_line(out, "index", package->file.index);
    add_file(out, &package->file);
    add_tool(out, package);
}

static void add_head(struct sw_buffer *out, const struct sw_pylock *lock)
{
    sw_buffer_addf(out,
                   "# The releases that the profile %s installs, written by `slipway lock %s`: change the "
                   "profile, not this file.\n"
                   "# pip and uv read the file too: `pip install -r`, `uv pip sync`.\n",
                   lock->profile, lock->profile);
    add_line(out, "lock-version", "1.0");
    SW_BUFFER_AUTO marker;
    sw_buffer_init(&marker, SW_MAX_REQUIREMENT_SIZE);
    sw_buffer_addf(&marker, "sys_platform == 'linux' and platform_machine == '%s'", lock->machine);
    add_list(out, "environments", (const char *const[]){marker.p}, 1);
    sw_buffer_addf(out, "requires-python = \"==%s.*\"\n", lock->python);
    add_line(out, "created-by", "slipway");
}

static void add_slipway(struct sw_buffer *out, const struct sw_pylock *lock)
{
    sw_buffer_add_text(out, "\n# The target, and what the lock was made from: slipway sees by it whether the "
                            "profile has changed.\n"
                            "[tool.slipway]\n");
    add_line(out, "profile", lock->profile);
    add_line(out, "source", lock->source);
    if (lock->base_digest[0] != '\0')
        add_line(out, "base", lock->base);
    add_line(out, "base-digest", lock->base_digest);
    add_line(out, "python", lock->python);
    add_line(out, "machine", lock->machine);
    add_line(out, "glibc", lock->glibc);
    add_line(out, "musl", lock->musl);
    add_list(out, "accelerators", lock->accelerators, lock->accelerator_count);
    add_list(out, "requirements", lock->requirements, lock->requirement_count);
    for (size_t i = 0; i < lock->set.unknown_count; i++) {
        sw_buffer_add_text(out, "\n[[tool.slipway.unknown]]\n");
        add_line(out, "project", lock->set.unknowns[i].project);
        add_line(out, "reason", lock->set.unknowns[i].reason);
    }
}

/* Refuse a package that PEP 751 has no words for. */
static int check_package(const struct sw_resolved_package *package, struct sw_error *error)
{
    const struct sw_resolved_file *file = &package->file;
    if (file->kind == SW_RESOLVED_VCS && sw_pylock_commit(sw_str_from(file->url)).n == 0) {
        (void)sw_fail(error, SW_EINPUT,
                      "the repository of '%s' is not named with a commit, so that it cannot be locked",
                      package->name);
        return sw_error_hint(error,
                             "name the commit: end the URL of '%s' with '@' and all 40 digits of the commit",
                             package->name);
    }
    if (file->kind != SW_RESOLVED_VCS && file->sha256[0] == '\0') {
        (void)sw_fail(error, SW_EINPUT,
                      "the SHA-256 of the file of '%s' is not known, so that it cannot be locked",
                      package->name);
        return sw_error_hint(error, "name it in the URL: '%s @ https://...#sha256=DIGEST'", package->name);
    }
    return 0;
}

int sw_pylock_write(struct sw_buffer *out, const struct sw_pylock *lock, struct sw_error *error)
{
    for (size_t i = 0; i < lock->set.package_count; i++) {
        int code = check_package(&lock->set.packages[i], error);
        if (code != 0)
            return code;
    }
    add_head(out, lock);
    for (size_t i = 0; i < lock->set.package_count; i++)
        add_package(out, &lock->set, i);
    add_slipway(out, lock);
    return sw_buffer_check(out, "the lock", error);
}
