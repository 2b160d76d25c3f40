#include "rules.h"

#include <string.h>

static const struct {
    unsigned rule;
    const char *name;
} names[] = {
    {RULE_LIBRARIES, "libraries"}, {RULE_ARCHIVES, "archives"}, {RULE_HEADERS, "headers"},
    {RULE_TESTS, "tests"},         {RULE_BYTECODE, "bytecode"},
};

unsigned rule_parse(const char *name)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i].name, name) == 0)
            return names[i].rule;
    }
    return 0;
}

const char *rule_name(unsigned rule)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].rule == rule)
            return names[i].name;
    }
    return "";
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), size = strlen(end);
    return n >= size && strcmp(text + n - size, end) == 0;
}

/* Return true if a folder of this name lies on the path, below the first folder. */
static bool lies_in(const char *path, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = strchr(path, '/'); at != NULL; at = strchr(at + 1, '/')) {
        if (strncmp(at + 1, name, size) == 0 && at[1 + size] == '/')
            return true;
    }
    return false;
}

unsigned rule_of(const char *project, const char *path)
{
    bool toolkit = strncmp(project, "nvidia-", strlen("nvidia-")) == 0 &&
                   strncmp(path, "nvidia/", strlen("nvidia/")) == 0;
    if (strstr(path, ".dist-info/") != NULL)
        return 0;
    if (lies_in(path, "tests") || lies_in(path, "test"))
        return RULE_TESTS;
    if (ends_with(path, ".a"))
        return RULE_ARCHIVES;
    if (toolkit && lies_in(path, "include"))
        return RULE_HEADERS;
    return lies_in(path, "__pycache__") && ends_with(path, ".pyc") ? RULE_BYTECODE : 0;
}

size_t rule_library_stem(const char *path, size_t *digits)
{
    const char *base = strrchr(path, '/'), *at = strstr(base == NULL ? path : base, "_cuda"), *rocm;
    *digits = 0;
    if (!ends_with(path, ".so"))
        return 0;
    rocm = strstr(base == NULL ? path : base, "_rocm");
    if (rocm != NULL && rocm[5] >= '0' && rocm[5] <= '9')
        return (size_t)(rocm - path);
    if (at == NULL)
        return 0;
    at += strlen("_cuda");
    *digits = strspn(at, "0123456789");
    bool whole = strcmp(at + *digits, ".so") == 0 || strcmp(at + *digits, "_nocublaslt.so") == 0;
    return *digits >= 2 && whole ? (size_t)(at - path) : 0;
}

bool rule_compiles(const char *project)
{
    static const char *const compilers[] = {"cupy",           "pycuda",      "numba",
                                            "flashinfer",     "tilelang",    "deep-gemm",
                                            "numba-cuda",     "warp-lang",   "nvidia-cuda-nvcc",
                                            "apache-tvm-ffi", "cuda-python", "nvmath-python"};
    for (size_t i = 0; i < sizeof compilers / sizeof compilers[0]; i++) {
        if (strncmp(project, compilers[i], strlen(compilers[i])) == 0)
            return true;
    }
    return false;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool rule_imports_tests(const char *line, size_t size)
{
    size_t at = 0;
    while (at < size && (line[at] == ' ' || line[at] == '\t'))
        at++;
    bool from = size - at > 5 && memcmp(line + at, "from ", 5) == 0;
    if (!from && !(size - at > 7 && memcmp(line + at, "import ", 7) == 0))
        return false;
    while (at < size) {
        size_t end = at;
        while (end < size && is_word(line[end]))
            end++;
        if ((end - at == 5 && memcmp(line + at, "tests", 5) == 0) ||
            (end - at == 4 && memcmp(line + at, "test", 4) == 0))
            return true;
        at = end + (end == at);
    }
    return false;
}
