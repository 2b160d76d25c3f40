/* A revision, a NUL and the answer of a git server: the commit that is found stands in the answer. */
#include "lock/git_refs.h"

#include "fuzz.h"
#include "support.h"

int fuzz_git_refs(const uint8_t *data, size_t size)
{
    struct sw_str answer = {(const char *)data, size}, revision = sw_str_cut(&answer, '\0');
    struct sw_str commit = sw_git_refs_find(answer.p == NULL ? SW_STR("") : answer, revision);
    fuzz_claim(commit.n == 0 ||
               (commit.n == 40 && commit.p >= answer.p && commit.p + commit.n <= answer.p + answer.n));
    for (size_t i = 0; i < commit.n; i++)
        fuzz_claim(sw_is_digit(commit.p[i]) || (commit.p[i] >= 'a' && commit.p[i] <= 'f'));
    return 0;
}
