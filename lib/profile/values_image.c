/* The form of the values in the image's own words: its user, its ports, its signals, its files from elsewhere. */
#include "profile/values_internal.h"

#include "base/limits.h"
#include "base/text.h"

enum {
    LONGEST_ACCOUNT = 32,
    LONGEST_DURATION = 32,
    DIGEST_DIGITS = 64,
    FINGERPRINT_DIGITS = 40,
};

const char *sw_value_secret(struct sw_str text)
{
    bool fits =
        text.n > 0 && text.n <= 100 && sw_value_has_only(text, "._-") && text.p[0] != '-' && text.p[0] != '.';
    return fits ? NULL : "is not a secret's name: letters, digits, '_', '.' and '-'";
}

static bool is_number(struct sw_str text, uint64_t most)
{
    uint64_t number;
    return sw_str_to_u64(text, &number) && number <= most;
}

const char *sw_value_account(struct sw_str text)
{
    bool fits = text.n > 0 && text.n <= LONGEST_ACCOUNT && sw_value_has_only(text, "._-") &&
                !sw_is_digit((unsigned char)text.p[0]) && text.p[0] != '-' && text.p[0] != '.';
    return fits ? NULL
                : "is not the name of a user or group: a letter or '_', then letters, digits, '_' and '-'";
}

const char *sw_value_user(struct sw_str text)
{
    struct sw_str group = text, user = sw_str_cut(&group, ':');
    bool fits = (is_number(user, SW_MAX_USER_ID) || sw_value_account(user) == NULL) &&
                (group.p == NULL || is_number(group, SW_MAX_USER_ID) || sw_value_account(group) == NULL);
    return fits ? NULL : "is not a user: NAME, ID, or one of them with ':GROUP'";
}

const char *sw_value_port(struct sw_str text)
{
    struct sw_str protocol = text, last = sw_str_cut(&protocol, '/'), first = sw_str_cut(&last, '-');
    uint64_t from, to;
    bool fits = sw_str_to_u64(first, &from) && from >= 1 && from <= SW_MAX_PORT &&
                (last.p == NULL || (sw_str_to_u64(last, &to) && to >= from && to <= SW_MAX_PORT)) &&
                (protocol.p == NULL || sw_str_is(protocol, "tcp") || sw_str_is(protocol, "udp") ||
                 sw_str_is(protocol, "sctp"));
    return fits ? NULL : "is not a port such as 8000, 8000-8010 or 53/udp";
}

const char *sw_value_label(struct sw_str text)
{
    if (text.n == 0 || text.n > SW_MAX_LABEL_NAME || !sw_value_has_only(text, "._-/:+@"))
        return "is not a label's name: letters, digits and '._-/:+@'";
    return sw_str_starts(text, "io.slipway.") ? "is a label of slipway's own" : NULL;
}

const char *sw_value_signal(struct sw_str text)
{
    static const char *const names[] = {
        "HUP",  "INT",  "QUIT", "ILL",    "TRAP",   "ABRT",  "BUS",  "FPE",  "KILL", "USR1",  "SEGV",
        "USR2", "PIPE", "ALRM", "TERM",   "STKFLT", "CHLD",  "CONT", "STOP", "TSTP", "TTIN",  "TTOU",
        "URG",  "XCPU", "XFSZ", "VTALRM", "PROF",   "WINCH", "IO",   "PWR",  "SYS",  "RTMIN", "RTMAX",
    };
    uint64_t number;
    struct sw_str name = sw_str_starts(text, "SIG") ? sw_str_drop(text, 3) : text;
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        if (sw_str_is(name, names[i]))
            return NULL;
    }
    return sw_str_to_u64(text, &number) && number >= 1 && number <= SW_MAX_SIGNAL
               ? NULL
               : "is not a signal such as SIGTERM or SIGINT";
}

/* The length of the number at the beginning: digits, then perhaps a dot and more digits; 0 if there is none. */
static size_t number_length(struct sw_str text)
{
    size_t n = sw_str_digits(text);
    if (n == 0 || n == text.n || text.p[n] != '.')
        return n;
    size_t decimals = sw_str_digits(sw_str_drop(text, n + 1));
    return decimals == 0 ? 0 : n + 1 + decimals;
}

const char *sw_value_duration(struct sw_str text)
{
    static const char *const units[] = {"ms", "h", "m", "s"};
    const char *wrong = "is not a duration such as 30s or 1m30s";
    if (text.n == 0 || text.n > LONGEST_DURATION)
        return wrong;
    while (text.n > 0) {
        size_t n = number_length(text), unit = 0;
        text = sw_str_drop(text, n);
        while (unit < SW_COUNT(units) && !sw_str_starts(text, units[unit]))
            unit++;
        if (n == 0 || unit == SW_COUNT(units))
            return wrong;
        text = sw_str_drop(text, strlen(units[unit]));
    }
    return NULL;
}

const char *sw_value_build_argument(struct sw_str text)
{
    static const char *const own[] = {"PIP_INDEX_URL", "UV_DEFAULT_INDEX", "PIP_CERT", "SSL_CERT_FILE"};
    for (size_t i = 0; i < SW_COUNT(own); i++) {
        if (sw_str_is(text, own[i]))
            return "is the way to the package index, which slipway gives from the host's own settings";
    }
    return sw_value_variable(text);
}

static bool is_hexadecimal(struct sw_str text, size_t digits)
{
    size_t count = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == ' ')
            continue;
        if (text.p[i] == '\0' || strchr("0123456789abcdefABCDEF", text.p[i]) == NULL)
            return false;
        count++;
    }
    return count == digits;
}

const char *sw_value_sha256(struct sw_str text)
{
    bool fits = text.n == DIGEST_DIGITS && is_hexadecimal(text, DIGEST_DIGITS);
    return fits ? NULL : "is not a SHA-256 digest: 64 hexadecimal digits";
}

const char *sw_value_fingerprint(struct sw_str text)
{
    bool fits = text.n == FINGERPRINT_DIGITS && is_hexadecimal(text, FINGERPRINT_DIGITS);
    return fits ? NULL : "is not a fingerprint of an OpenPGP key: 40 hexadecimal digits, without blanks";
}

const char *sw_value_url(struct sw_str text)
{
    bool is_web = sw_str_starts(text, "https://") || sw_str_starts(text, "http://");
    return is_web ? sw_value_index_url(text) : "is not an http(s) URL";
}

const char *sw_value_image(struct sw_str text)
{
    uint64_t number;
    return sw_str_to_u64(text, &number) ? "is a number, which a build takes for a stage: name an image"
                                        : sw_value_reference(text);
}

bool sw_value_is_repository(struct sw_str text)
{
    struct sw_str host = sw_str_cut(&text, '/');
    bool is_host = host.n > 0 && host.p[0] != '.' &&
                   (memchr(host.p, '.', host.n) != NULL || memchr(host.p, ':', host.n) != NULL ||
                    sw_str_is(host, "localhost"));
    return text.p != NULL && is_host;
}

const char *sw_value_wheel_cache(struct sw_str text)
{
    if (text.n == 0)
        return "names neither a folder nor a repository";
    if (!sw_value_is_repository(text))
        return sw_value_line(text);
    const char *fault = sw_value_reference(text);
    bool has_tag = fault == NULL && sw_value_repository(text) != NULL;
    return has_tag ? "has a tag or a digest: name the repository alone" : fault;
}

/* apt reads options in brackets before a URL only in its old form; in a field a '#' begins no comment, and words end at blanks. */
const char *sw_value_package_url(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (strchr("[]#$\"'\\ ", text.p[i]) != NULL)
            return "has a character that the URL of a package repository may not have";
    }
    return sw_value_url(text);
}

static bool is_word_of_apt(struct sw_str text, const char *also)
{
    return text.n > 0 && text.n <= 100 && text.p[0] != '-' && sw_value_has_only(text, also);
}

const char *sw_value_suite(struct sw_str text)
{
    return is_word_of_apt(text, "._-/+~")
               ? NULL
               : "is not a suite such as bookworm-backports, or a path that ends in '/'";
}

const char *sw_value_component(struct sw_str text)
{
    return is_word_of_apt(text, "._-/+") ? NULL : "is not a component such as main";
}

const char *sw_value_key(struct sw_str text)
{
    const char *begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----", *end = "-----END PGP PUBLIC KEY BLOCK-----";
    struct sw_str key = sw_str_trim(text);
    bool fits = sw_str_starts(key, begin) && sw_str_ends(key, end) && memchr(key.p, '\0', key.n) == NULL;
    return fits ? NULL : "is not a public key in ASCII armour, as 'gpg --armor --export' prints it";
}
