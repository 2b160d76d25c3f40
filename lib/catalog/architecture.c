#include "catalog/architecture.h"

/* A decimal number of one or two digits at the start of `rest`, which is left behind it. */
static bool take_number(unsigned *out, struct sw_str *rest)
{
    size_t n = 0;
    unsigned number = 0;
    while (n < rest->n && n < 2 && sw_is_digit((unsigned char)rest->p[n]))
        number = number * 10 + (unsigned)(rest->p[n++] - '0');
    *out = number;
    *rest = sw_str_drop(*rest, n);
    return n > 0;
}

bool sw_architecture_parse(struct sw_architecture *out, struct sw_str text)
{
    struct sw_architecture read = {0};
    struct sw_str rest = text;
    if (!take_number(&read.major, &rest) || rest.n == 0 || rest.p[0] != '.')
        return false;
    rest = sw_str_drop(rest, 1);
    if (!take_number(&read.minor, &rest))
        return false;
    if (rest.n == 1 && (rest.p[0] == 'a' || rest.p[0] == 'f'))
        read.suffix = rest.p[0];
    else if (rest.n != 0)
        return false;
    *out = read;
    return true;
}

bool sw_architecture_runs(struct sw_architecture code, struct sw_architecture gpu)
{
    return code.major == gpu.major &&
           (code.suffix == 'a' ? code.minor == gpu.minor : code.minor <= gpu.minor);
}

bool sw_architecture_compiles(struct sw_architecture code, struct sw_architecture gpu)
{
    if (code.suffix != 0)
        return sw_architecture_runs(code, gpu);
    return code.major < gpu.major || (code.major == gpu.major && code.minor <= gpu.minor);
}

static bool any(const struct sw_node *list, struct sw_architecture gpu,
                bool (*serves)(struct sw_architecture code, struct sw_architecture gpu))
{
    for (size_t i = 0; i < sw_node_count(list); i++) {
        struct sw_architecture code;
        if (sw_architecture_parse(&code, sw_node_str(sw_node_item(list, i))) && serves(code, gpu))
            return true;
    }
    return false;
}

enum sw_served sw_architectures_serve(const struct sw_node *sass, const struct sw_node *ptx,
                                      struct sw_architecture gpu)
{
    if (any(sass, gpu, sw_architecture_runs))
        return SW_SERVED;
    return any(ptx, gpu, sw_architecture_compiles) ? SW_SERVED_BY_PTX : SW_NOT_SERVED;
}

static bool newer(struct sw_architecture a, struct sw_architecture b)
{
    return a.major != b.major ? a.major > b.major : a.minor > b.minor;
}

static bool is_in(const struct sw_node *list, struct sw_str text)
{
    for (size_t i = 0; i < sw_node_count(list); i++) {
        if (sw_str_equal(sw_node_str(sw_node_item(list, i)), text))
            return true;
    }
    return false;
}

/* Append the newest code with this suffix. */
static bool take_newest(struct sw_builder *b, struct sw_node *kept, const struct sw_node *codes, bool ptx,
                        struct sw_architecture gpu, char suffix)
{
    const struct sw_node *best = NULL;
    struct sw_architecture newest = {0};
    for (size_t i = 0; i < sw_node_count(codes); i++) {
        struct sw_architecture code;
        if (sw_architecture_parse(&code, sw_node_str(sw_node_item(codes, i))) && code.suffix == suffix &&
            (ptx ? sw_architecture_compiles(code, gpu) : sw_architecture_runs(code, gpu)) &&
            (best == NULL || newer(code, newest))) {
            best = sw_node_item(codes, i);
            newest = code;
        }
    }
    if (best != NULL && !is_in(kept, sw_node_str(best)))
        sw_build_append(b, kept, sw_build_str(b, sw_node_str(best)));
    return best != NULL;
}

bool sw_architectures_take(struct sw_builder *b, struct sw_node *kept, const struct sw_node *codes, bool ptx,
                           struct sw_architecture gpu)
{
    bool plain = take_newest(b, kept, codes, ptx, gpu, 0),
         family = take_newest(b, kept, codes, ptx, gpu, 'f');
    return take_newest(b, kept, codes, ptx, gpu, 'a') || plain || family;
}
