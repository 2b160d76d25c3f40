#include "engine/reference.h"

/* Length of the repository: up to the colon of a tag, which is one after the last slash ("localhost:5000/x"
 * has a port and no tag). */
static size_t repository_length(struct sw_str name)
{
    const char *slash = memrchr(name.p, '/', name.n);
    size_t start = slash == NULL ? 0 : (size_t)(slash - name.p);
    return start + sw_str_find((struct sw_str){name.p + start, name.n - start}, SW_STR(":"));
}

/* The part before the first slash is a registry if it could be a host: it has a dot or a port, or is "localhost". */
static struct sw_str registry_of(struct sw_str repository)
{
    struct sw_str rest = repository;
    struct sw_str first = sw_str_cut(&rest, '/');
    bool host = memchr(first.p, '.', first.n) != NULL || memchr(first.p, ':', first.n) != NULL ||
                sw_str_is(first, "localhost");
    return rest.p != NULL && host ? first : SW_STR("docker.io");
}

int sw_reference_split(struct sw_reference *out, const char *name, struct sw_error *error)
{
    /* A tag before a digest ("a:1@sha256:…") is for people; the digest decides. */
    struct sw_str digest = sw_str_from(name);
    struct sw_str tagged = sw_str_cut(&digest, '@');
    struct sw_str repository = {tagged.p, repository_length(tagged)};
    const char *tag = repository.n < tagged.n ? name + repository.n + 1 : "latest";
    if (digest.p != NULL)
        tag = digest.p;
    if (repository.n == 0 || repository.n >= sizeof out->repository || tag[0] == '\0' ||
        strlen(tag) >= sizeof out->tag)
        return sw_fail(error, SW_EINPUT, "'%.200s' is no image name", name);
    struct sw_str registry = registry_of(repository);
    (void)snprintf(out->registry, sizeof out->registry, "%.*s", SW_STR_FORMAT(registry));
    (void)snprintf(out->repository, sizeof out->repository, "%.*s", SW_STR_FORMAT(repository));
    (void)snprintf(out->tag, sizeof out->tag, "%s", tag);
    return 0;
}

bool sw_is_sha256_digest(struct sw_str text)
{
    enum { DIGITS = 64 };
    const struct sw_str algorithm = SW_STR("sha256:");
    if (!sw_str_starts(text, "sha256:") || text.n != algorithm.n + DIGITS)
        return false;
    for (size_t i = algorithm.n; i < text.n; i++) {
        if (!sw_is_digit(text.p[i]) && !(text.p[i] >= 'a' && text.p[i] <= 'f'))
            return false;
    }
    return true;
}

/* Letters and digits, with single separators between them: '.', '_', "__" or any number of '-'. */
static bool is_component(struct sw_str part)
{
    size_t i = 0;
    while (i < part.n) {
        size_t start = i;
        while (i < part.n && (sw_is_digit(part.p[i]) || (part.p[i] >= 'a' && part.p[i] <= 'z')))
            i++;
        if (i == start)
            return false;
        if (i == part.n)
            return true;
        char separator = part.p[i];
        size_t most = separator == '.' ? 1 : separator == '_' ? 2 : separator == '-' ? part.n : 0;
        for (start = i; i < part.n && part.p[i] == separator && i - start < most;)
            i++;
        if (i == start)
            return false;
    }
    return false;
}

/* A host's name, or an address in brackets, and perhaps a port. */
static bool is_registry(struct sw_str part)
{
    const char *colon = memrchr(part.p, ':', part.n);
    struct sw_str host = part;
    if (colon != NULL && part.p[part.n - 1] != ']') {
        struct sw_str port = sw_str_drop(part, (size_t)(colon - part.p) + 1);
        uint64_t number;
        if (!sw_str_to_u64(port, &number) || number > UINT16_MAX)
            return false;
        host.n = (size_t)(colon - part.p);
    }
    bool address = sw_str_starts(host, "[") && sw_str_ends(host, "]");
    for (size_t i = address; i + address < host.n; i++) {
        char c = host.p[i];
        if (!(address ? sw_is_alnum(c) || c == ':' : sw_is_alnum(c) || c == '.' || c == '-'))
            return false;
    }
    return host.n > 0 && (address || (sw_is_alnum(host.p[0]) && sw_is_alnum(host.p[host.n - 1])));
}

static bool is_tag(struct sw_str tag)
{
    enum { LONGEST = 128 };
    for (size_t i = 0; i < tag.n; i++) {
        char c = tag.p[i];
        if (!sw_is_alnum(c) && c != '_' && (i == 0 || (c != '.' && c != '-')))
            return false;
    }
    return tag.n > 0 && tag.n <= LONGEST;
}

bool sw_reference_valid(struct sw_str text)
{
    enum { LONGEST = 255 };
    struct sw_str digest = text, rest = sw_str_cut(&digest, '@');
    if (text.n == 0 || text.n > LONGEST || (digest.p != NULL && !sw_is_sha256_digest(digest)))
        return false;
    size_t length = repository_length(rest);
    if (length < rest.n && !is_tag(sw_str_drop(rest, length + 1)))
        return false;
    rest.n = length;
    bool named = registry_of(rest).p == rest.p; /* a registry stands before the first slash */
    struct sw_str first = sw_str_cut(&rest, '/');
    if (!(named ? is_registry(first) && rest.p != NULL : is_component(first)))
        return false;
    while (rest.p != NULL) {
        if (!is_component(sw_str_cut(&rest, '/')))
            return false;
    }
    return true;
}

/* Drop the prefixes that a name of Docker Hub need not have. */
static const char *without_hub(const char *repository)
{
    static const char *const prefixes[] = {"index.docker.io/", "docker.io/", "library/"};
    for (size_t i = 0; i < SW_COUNT(prefixes); i++) {
        size_t n = strlen(prefixes[i]);
        repository += strncmp(repository, prefixes[i], n) == 0 ? n : 0;
    }
    return repository;
}

bool sw_reference_same_repository(const char *a, const char *b)
{
    struct sw_reference left, right;
    return sw_reference_split(&left, a, NULL) == 0 && sw_reference_split(&right, b, NULL) == 0 &&
           strcmp(without_hub(left.repository), without_hub(right.repository)) == 0;
}
