#include "unit.h"

#include "data/path.h"

/* A path and its steps, one a letter: k key, i index, m match, n name; each with its texts in < >. */
static const struct {
    const char *path, *steps; /* NULL: malformed */
} grammar[] = {
    {"", ""},
    {"torch", "k<torch>"},
    {"torch.cuda", "k<torch>k<cuda>"},
    {"requirements[2]", "k<requirements>i<2>"},
    {"[0][1].x", "i<0>i<1>k<x>"},
    {"assertions[that=torch.version.cuda].is", "k<assertions>m<that><torch.version.cuda>k<is>"},
    {"assertions[is=>=12.4,<12.9]", "k<assertions>m<is><>=12.4,<12.9>"},
    {"a['x=y'=\"]\"]", "k<a>m<x=y><]>"},
    {"requirements[bitsandbytes]", "k<requirements>n<bitsandbytes>"},
    {"requirements[zope.interface]", "k<requirements>n<zope.interface>"},
    {"requirements[2to3]", "k<requirements>n<2to3>"},
    {"requirements['2']", "k<requirements>n<2>"},
    {"labels.'org.opencontainers.image.title'", "k<labels>k<org.opencontainers.image.title>"},
    {"labels.\"it's\".x", "k<labels>k<it's>k<x>"},
    {"''", "k<>"},
    {"a b.c-d", "k<a b>k<c-d>"},
    {".", NULL},
    {".a", NULL},
    {"a.", NULL},
    {"a..b", NULL},
    {"a.[0]", NULL},
    {"a[", NULL},
    {"a[]", NULL},
    {"a[0", NULL},
    {"a[0]b", NULL},
    {"a]", NULL},
    {"a[[0]]", NULL},
    {"a[x=]", NULL},
    {"a[=x]", NULL},
    {"'a", NULL},
    {"a['b]", NULL},
    {"'a'b", NULL},
    {"a[99999999999999999999]", "k<a>n<99999999999999999999>"},
    {"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p", "k<a>k<b>k<c>k<d>k<e>k<f>k<g>k<h>k<i>k<j>k<k>k<l>k<m>k<n>k<o>k<p>"},
    {"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q", NULL},
};

static void write_step(struct sw_buffer *out, const struct sw_path_step *step)
{
    static const char letters[] = {
        [SW_PATH_KEY] = 'k', [SW_PATH_INDEX] = 'i', [SW_PATH_MATCH] = 'm', [SW_PATH_NAME] = 'n'};
    sw_buffer_add_char(out, letters[step->kind]);
    if (step->kind == SW_PATH_INDEX)
        sw_buffer_addf(out, "<%zu>", step->index);
    else
        sw_buffer_addf(out, "<%.*s>", SW_STR_FORMAT(step->key));
    if (step->kind == SW_PATH_MATCH)
        sw_buffer_addf(out, "<%.*s>", SW_STR_FORMAT(step->value));
}

static void paths_are_parsed(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(grammar); i++) {
        struct sw_path path;
        bool good = sw_path_parse(&path, sw_str_from(grammar[i].path));
        if (good != (grammar[i].steps != NULL))
            fail_msg("'%s' is taken for %s", grammar[i].path, good ? "good" : "malformed");
        if (!good)
            continue;
        SW_BUFFER_AUTO steps;
        sw_buffer_init(&steps, 1000);
        for (size_t k = 0; k < path.count; k++)
            write_step(&steps, &path.steps[k]);
        assert_string_equal(steps.p, grammar[i].steps);
    }
}

static void written_keys_read_back(void **state)
{
    (void)state;
    static const char *const keys[] = {"torch", "a b", "org.x", "[0]", "it's", "\"quoted\".", "'", "", "a=b"};
    for (size_t i = 0; i < SW_COUNT(keys); i++) {
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, 100);
        sw_path_add_key(&text, SW_STR("labels"));
        sw_path_add_key(&text, sw_str_from(keys[i]));
        sw_path_add_index(&text, 3);
        struct sw_path path;
        assert_true(sw_path_parse(&path, sw_buffer_str(&text)));
        assert_int_equal(path.count, 3);
        assert_true(sw_str_is(path.steps[1].key, keys[i]));
        assert_int_equal(path.steps[2].index, 3);
    }
}

/* Names and normalisation as in PEP 503 and PEP 508. */
static const struct {
    const char *requirement, *project;
    bool same;
} projects[] = {
    {"bitsandbytes", "bitsandbytes", true},
    {"bitsandbytes>=0.45.5", "bitsandbytes", true},
    {"bitsandbytes >= 0.45.5", "BitsAndBytes", true},
    {"  numpy<2", "numpy", true},
    {"numpy==1.*", "numpy", true},
    {"numpy!=1", "numpy", true},
    {"numpy~=1.2", "numpy", true},
    {"numpy===1", "numpy", true},
    {"numpy(>1)", "numpy", true},
    {"transformers[torch]>=4", "transformers", true},
    {"torch @ https://example.org/torch.whl", "torch", true},
    {"torch@https://example.org/torch.whl", "torch", true},
    {"tomli; python_version < '3.11'", "tomli", true},
    {"tomli;python_version<'3.11'", "tomli", true},
    {"Zope.Interface", "zope-interface", true},
    {"zope__interface", "zope.-_interface", true},
    {"zope-interface", "zopeinterface", false},
    {"torchvision", "torch", false},
    {"torch", "torchvision", false},
    {"torch-scatter", "torch", false},
    {"git+https://example.org/torch", "git", false},
    {"./torch", "torch", false},
    {"", "", false},
    {">=1", "", false},
};

static void projects_are_compared_normalised(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(projects); i++) {
        if (sw_path_names_project(sw_str_from(projects[i].requirement), sw_str_from(projects[i].project)) !=
            projects[i].same)
            fail_msg("'%s' and '%s'", projects[i].requirement, projects[i].project);
    }
}

int suite_path(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_parsed),
        cmocka_unit_test(written_keys_read_back),
        cmocka_unit_test(projects_are_compared_normalised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
