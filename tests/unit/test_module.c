#include "unit.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "wheel/module.h"

static const char *const when_texts[] = {"guarded", "fallback", "typing", "condition", "called"};

static void write_when(struct sw_buffer *out, unsigned when)
{
    for (size_t i = 0; i < SW_COUNT(when_texts); i++) {
        if ((when & 1U << i) != 0)
            sw_buffer_addf(out, " %s", when_texts[i]);
    }
    sw_buffer_add_char(out, '\n');
}

/* The outline as text: "name kind when", then "module:name>as when". */
static void outline(struct sw_buffer *out, const char *source)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(out, SW_MIB);
    struct sw_module module;
    struct sw_error error;
    assert_int_equal(sw_module_read(&module, &arena, sw_str_from(source), "m.py", &error), 0);
    for (size_t i = 0; i < module.name_count; i++) {
        const struct sw_module_name *name = &module.names[i];
        sw_buffer_addf(out, "%.*s %s", SW_STR_FORMAT(name->name), sw_module_kind_text(name->kind));
        write_when(out, name->when);
    }
    for (size_t i = 0; i < module.import_count; i++) {
        const struct sw_module_import *import = &module.imports[i];
        sw_buffer_addf(out, "%.*s:%.*s>%.*s%s", SW_STR_FORMAT(import->module), SW_STR_FORMAT(import->name),
                       SW_STR_FORMAT(import->as), import->used ? "_" : "");
        write_when(out, import->when);
    }
    if (module.star)
        sw_buffer_add_text(out, "star\n");
    if (module.dynamic)
        sw_buffer_add_text(out, "dynamic\n");
    if (module.changes_names)
        sw_buffer_add_text(out, "changes names\n");
    for (size_t i = 0; module.exports_known && i < module.export_count; i++)
        sw_buffer_addf(out, "exports %.*s\n", SW_STR_FORMAT(module.exports[i]));
    if (module.changes_modules)
        sw_buffer_add_text(out, "changes modules\n");
    if (module.changes_path)
        sw_buffer_add_text(out, "changes path\n");
    if (module.adds_finder)
        sw_buffer_add_text(out, "adds a finder\n");
}

static void check(const char *source, const char *expected)
{
    SW_BUFFER_AUTO out;
    outline(&out, source);
    assert_string_equal(out.p, expected);
}

static void names_are_those_of_the_module(void **state)
{
    (void)state;
    check("def f(a=1, *, b):\n    inner = 2\n    def g(): pass\n"
          "async def h(): return {\n'x': 1}\n"
          "@decorated(lambda x: x)\nclass C(B):\n    attribute = 1\n    def method(self): self.x = 3\n",
          "C class\nf function\nh function\n");
    check("a = b = 1; c, (d, *e) = f(x=1)\ng: int = 2\nh: int\ni += 1\nj.k = l[m] = 3\nn[o:p] = q == r\n",
          "a variable\nb variable\nc variable\nd variable\ne variable\ng variable\n");
    check("for i, (j, k) in enumerate(x): l = 1\nwith open(f) as g, h() as (m): pass\nwhile n: o = 1\n",
          "g variable\ni variable\nj variable\nk variable\nl variable condition\n"
          "o variable condition\n");
    check("a = 1\nb = 2\ndel a\ndel b\nb = 3\n", "b variable\n");
    check("def __getattr__(name): ...\n", "__getattr__ function\ndynamic\n");
    check("type A = int\nmatch = 1\nmatch x:\n    case 1: y = 2\n    case _: pass\nmatch: int = 4\n",
          "A variable\nmatch variable\ny variable condition\n");
}

static void strings_and_lines_are_understood(void **state)
{
    (void)state;
    check("\xEF\xBB\xBF"
          "\"\"\"doc\nimport no\n\"\"\"\nx = 'import a' \\\n  'b'\nr'\\''; y = (1, # import c\n  2)\r\nz = "
          "3\rw = 4",
          "w variable\nx variable\ny variable\nz variable\n");
    check("a = f'{x['import']!r:{w}}' ; b = f'{{' ; c = f'{d:%H\"%M}'; e = rb'\\'\n",
          "a variable\nb variable\nc variable\ne variable\n");
    check("a = f\"\"\"{\n  g(\"}\") }\"\"\"; b = 1\n", "a variable\nb variable\n");
    check("x = '''never\nclosed\ny = 1\n", "x variable\n");
    check("x = 'open\ny = 1\n", "x variable\ny variable\n");
    check("if a:\n\tb = 1\n        c = 2\nd = ) 3\n",
          "b variable condition\nc variable condition\nd variable\n");
    check("", "");
    check("   # only this", "");
}

static void imports_say_when_they_happen(void **state)
{
    (void)state;
    check("import a.b, c as d\nfrom ..e . f import (g as h,\n  i,)\nfrom . import j\nfrom k import *\n",
          "a import\nd import\nh import\ni import\nj import\n"
          "a.b:>\nc:>d\n..e.f:g>h\n..e.f:i>\n.:j>\nk:*>\nstar\n");
    check("try:\n    import a\n    from b import c\nexcept (ImportError, OSError) as e:\n    c = None\n    "
          "import d\n"
          "else:\n    import f\n",
          "a import guarded\nc import guarded\nd import fallback\nf import condition\n"
          "a:> guarded\nb:c> guarded\nd:> fallback\nf:> condition\n");
    check("try: import a\nexcept ValueError: pass\ntry: import b\nexcept ValueError: pass\nexcept: pass\n",
          "a import\nb import guarded\na:>\nb:> guarded\n");
    check("with contextlib.suppress(ImportError): import a\n", "a import guarded\na:> guarded\n");
    check("if TYPE_CHECKING:\n    from a import B\nelse:\n    from c import D\nif not typing.TYPE_CHECKING: "
          "import e\n",
          "B import typing\nD import condition\ne import condition\n"
          "a:B> typing\nc:D> condition\ne:> condition\n");
    check("def f():\n    import a\n    try:\n        import b\n    except ImportError:\n        pass\nclass "
          "C:\n"
          "    import d\n",
          "C class\nf function\na:> called\nb:> guarded called\nd:>\n");
}

/* The functions that tell of a module, and the imports that hang on a function. */
static void check_probes(const char *source, const char *expected)
{
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO out;
    struct sw_module module;
    struct sw_error error;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&out, SW_MIB);
    sw_buffer_add_text(&out, "");
    assert_int_equal(sw_module_read(&module, &arena, sw_str_from(source), "m.py", &error), 0);
    for (size_t i = 0; i < module.name_count; i++) {
        const struct sw_module_name *name = &module.names[i];
        if (name->kind == SW_MODULE_FUNCTION && name->value.n > 0)
            sw_buffer_addf(&out, "%.*s tells of %.*s\n", SW_STR_FORMAT(name->name),
                           SW_STR_FORMAT(name->value));
    }
    for (size_t i = 0; i < module.import_count; i++) {
        const struct sw_module_import *import = &module.imports[i];
        if (import->probe.n > 0)
            sw_buffer_addf(&out, "%.*s hangs on %.*s\n", SW_STR_FORMAT(import->module),
                           SW_STR_FORMAT(import->probe));
    }
    assert_string_equal(out.p, expected);
}

static void conditions_on_a_module_are_understood(void **state)
{
    (void)state;
    check_probes("def f():\n  return find_spec('a.b') is not None\n"
                 "@cache\ndef g():\n  \"\"\"doc\"\"\"\n  return importlib.util.find_spec(\"c\") is not None\n"
                 "def h(): return util.find_spec('d') is not None\n",
                 "f tells of a.b\ng tells of c\nh tells of d\n");
    check_probes("def a():\n  x = 1\n  return find_spec('a') is not None\n"
                 "def b():\n  return find_spec('a') is None\n"
                 "def c():\n  return find_spec('a') is not None and d\n"
                 "def d():\n  return find_spec(a) is not None\n"
                 "def e():\n  if x:\n    return False\n  return find_spec('a') is not None\n"
                 "def f():\n  return not find_spec('a') is not None\n"
                 "class C:\n  def g():\n    return find_spec('a') is not None\n",
                 "");
    check_probes("if f():\n  import a\nelse:\n  import b\n"
                 "if not g():\n  import c\nelse:\n  import d\n  from e import x\n",
                 "a hangs on f\nd hangs on g\ne hangs on g\n");
    check_probes("if f(1):\n  import a\nif f() and g():\n  import b\nif f.g():\n  import c\n"
                 "if not f():\n  pass\nelif g():\n  import d\nelse:\n  import e\n"
                 "if f():\n  if h:\n    import i\n  try:\n    import j\n  finally: pass\n"
                 "def k():\n  if f():\n    import l\n"
                 "for m in n:\n  pass\nelse:\n  import o\n",
                 "");
}

/* The terms of imports and of exceptions, a line each: "a if torch<2.1", "a tried in 1", "a after 1", "raise if !a". */
static void check_terms(const char *source, const char *expected)
{
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO out;
    struct sw_module module;
    struct sw_error error;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&out, SW_MIB);
    sw_buffer_add_text(&out, "");
    assert_int_equal(sw_module_read(&module, &arena, sw_str_from(source), "m.py", &error), 0);
    for (size_t i = 0; i < module.import_count; i++) {
        const struct sw_module_import *import = &module.imports[i];
        if (import->condition.n > 0)
            sw_buffer_addf(&out, "%.*s if %.*s\n", SW_STR_FORMAT(import->module),
                           SW_STR_FORMAT(import->condition));
        if (import->attempt > 0)
            sw_buffer_addf(&out, "%.*s tried in %u\n", SW_STR_FORMAT(import->module), import->attempt);
        if (import->instead > 0)
            sw_buffer_addf(&out, "%.*s after %u%s\n", SW_STR_FORMAT(import->module), import->instead,
                           import->when == SW_WHEN_FALLBACK ? "" : ", perhaps");
        if (import->when == 0)
            sw_buffer_addf(&out, "%.*s\n", SW_STR_FORMAT(import->module));
    }
    for (size_t i = 0; i < module.refusal_count; i++)
        sw_buffer_addf(&out, "raise%s%.*s in line %u\n", module.refusals[i].condition.n > 0 ? " if " : "",
                       SW_STR_FORMAT(module.refusals[i].condition), module.refusals[i].line);
    assert_string_equal(out.p, expected);
}

static void a_handler_that_raises_guards_nothing(void **state)
{
    (void)state;
    check_terms("try:\n  import a\nexcept ImportError as e:\n  raise ImportError('no a') from e\n", "a\n");
    check_terms("try:\n  import a\nexcept ImportError:\n  if b: raise\n", "a tried in 1\n");
    check_terms("try:\n  import a\nexcept ValueError:\n  raise\nexcept ImportError:\n  pass\n",
                "a tried in 1\n");
    check_terms("try:\n  import a\nexcept AttributeError:\n  raise\nexcept ImportError:\n  pass\n",
                "a tried in 1\n");
    check_terms("try:\n  import a\nexcept ImportError:\n  pass\nexcept Exception:\n  raise\n",
                "a tried in 1\n");
}

static void an_import_in_a_handler_follows_a_failed_import(void **state)
{
    (void)state;
    check_terms("try:\n  from a import x\nexcept:\n  from b import x\n", "a tried in 1\nb after 1\n");
    check_terms(
        "try:\n  import a\nexcept ImportError:\n  try:\n    import b\n  except ImportError:\n    import c\n",
        "a tried in 1\nb after 1, perhaps\nc after 2\n");
    check_terms(
        "try:\n  import a\nexcept ImportError:\n  try:\n    import b\n  except ImportError:\n    raise\n",
        "a tried in 1\nb after 1\n");
    check_terms(
        "try:\n  try:\n    import a\n  except ImportError:\n    import b\nexcept ImportError:\n  c = 1\n",
        "a tried in 1\nb after 1, perhaps\n");
    check_terms("def f():\n  try:\n    import a\n  except ImportError:\n    import b\n", "");
}

static void a_context_manager_may_go_on(void **state)
{
    (void)state;
    check_terms("with try_import() as tried:\n  import a\n", "");
    check_terms("with suppress(ValueError):\n  import b\nwith warnings.catch_warnings():\n  import c\n",
                "b\nc\n");
}

static void conditions_on_releases_are_understood(void **state)
{
    (void)state;
    check_terms(
        "import torch\nfrom packaging import version\n"
        "if version.parse(torch.__version__) < version.parse('2.1'):\n  import a\nelse:\n  import b\n",
        "torch\npackaging\na if torch<2.1\nb if torch>=2.1\n");
    check_terms("v = Version(importlib.metadata.version('transformers'))\nLEAST = Version(\"4.37\")\n"
                "if v < LEAST:\n  raise ImportError(f'{LEAST}')\n",
                "raise if transformers<4.37 in line 4\n");
    check_terms("import sys\nif sys.version_info >= (3, 11):\n  import tomllib\nelse:\n  import tomli\n",
                "sys\ntomllib if python>=3.11\ntomli if python<3.11\n");
    check_terms("import torch as t\nif not (Version('2.0') <= parse(parse(t.__version__).base_version)):\n  "
                "raise X\n",
                "torch\nraise if torch<2.0 in line 3\n");
    check_terms("if find_spec('a') is None:\n  raise X\nif not importlib.util.find_spec('b'):\n  raise Y\n"
                "if find_spec('c'): raise Z\nraise W\n",
                "raise if !a in line 2\nraise if !b in line 4\nraise if c in line 5\nraise in line 6\n");
}

static void other_conditions_decide_nothing(void **state)
{
    (void)state;
    check_terms(
        "import torch\nif X < Version('2.1'):\n  raise E\nif parse(torch.__version__) < X:\n  raise E\n"
        "if parse(torch.__version__) < parse('2') and X:\n  raise E\n"
        "if parse(other.__version__) < parse('2'):\n  raise E\nif f(torch.__version__) < parse('2'):\n  "
        "raise E\n"
        "if a:\n  pass\nelif parse(torch.__version__) < parse('2'):\n  raise E\nelse:\n  raise E\n"
        "if a:\n  if find_spec('b') is None:\n    raise E\n"
        "def f():\n  if find_spec('b') is None:\n    raise E\n",
        "torch\n");
    check_terms("X = parse('1')\nif a:\n  X = parse('3')\nimport torch\nif parse(torch.__version__) < X:\n  "
                "raise E\n",
                "torch\n");
    check_terms("try:\n  raise E\nexcept E:\n  pass\nclass C:\n  raise E\n", "");
}

static void what_a_module_does_to_itself_is_said(void **state)
{
    (void)state;
    check("def f(): globals()['a'] = 1\n", "f function\nchanges names\n");
    check("def f():\n  global a, b\n  a = 1\n", "a variable called\nb variable called\nf function\n");
    check("for n in x: setattr(m, n, 1)\n", "n variable\nchanges names\n");
    check("def f(o): setattr(o, 'a', vars(o)); exec(o, locals()); o.__dict__['b']\n", "f function\n");
    check("def f(): setattr(sys.modules[__name__], 'a', 1)\n", "f function\nchanges names\n");
    check("m = sys.modules['a']\nfor n in list(sys.modules): pass\n", "m variable\nn variable\n");
    check("sys.modules[__name__] = Lazy()\n", "changes names\n");
    check("sys.modules[__name__].__class__ = Lazy\n", "changes names\n");
    check("sys.modules[__name__ + '.a'] = b\n", "changes modules\n");
    check("sys.modules.setdefault('a.b', c)\n", "changes modules\n");
    check("__path__ = extend_path(__path__, __name__)\n", "__path__ variable\nchanges path\n");
    check("sys.meta_path.insert(0, Finder())\n", "changes path\n");
    check("finders = sys.meta_path\n", "finders variable\nchanges path\n");
    check("sys.meta_path.append(Finder())\n", "adds a finder\n");
    check("for f in iter_modules(__path__): pass\nclass M:\n  def f(self): self.__path__ = []\n",
          "M class\nf variable\n");
    check("if 'a' in sys.modules: b = sys.modules['a']\n", "b variable condition\nchanges modules\n");
    check("if 'a' in sys.modules: pass\nc = 'globals()'\n", "c variable\n");
}

static void only_names_at_run_time_are_found(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_module module;
    struct sw_error error;
    struct sw_str source =
        SW_STR("if TYPE_CHECKING:\n from a import B, C\ntry:\n from d import C\nexcept ImportError: C = 1\n");
    assert_int_equal(sw_module_read(&module, &arena, source, "m.py", &error), 0);
    assert_null(sw_module_find(&module, SW_STR("B")));
    assert_int_equal(sw_module_find(&module, SW_STR("C"))->line, 4);
    assert_null(sw_module_find(&module, SW_STR("D")));
}

static void absurd_modules_are_refused(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    SW_BUFFER_AUTO source;
    sw_buffer_init(&source, SW_MIB);
    for (unsigned i = 0; i <= SW_MAX_MODULE_DEPTH; i++)
        sw_buffer_addf(&source, "%*sif a:\n", (int)i, "");
    struct sw_module module;
    struct sw_error error;
    assert_int_equal(sw_module_read(&module, &arena, sw_buffer_str(&source), "m.py", &error), SW_EINPUT);
    assert_string_equal(error.text, "the module's blocks are nested too deeply");
    assert_int_equal(error.line, SW_MAX_MODULE_DEPTH);
    sw_buffer_clear(&source);
    for (unsigned i = 0; i <= SW_MAX_MODULE_NAMES; i++)
        sw_buffer_add_text(&source, "a=1\n");
    assert_int_equal(sw_module_read(&module, &arena, sw_buffer_str(&source), "m.py", &error), SW_EINPUT);
    assert_string_equal(error.text, "the module has too many names");
}

/* A statement that runs when the module is loaded counts; a choice, a function's body and a name that is assigned to do not count. */
static void names_used_at_once_count_as_imported(void **state)
{
    (void)state;
    check("import numpy as np\nx = np.NaN\ny = np.NaN\nnp.here = 1\nz = np.__version__\n",
          "np import\nx variable\ny variable\nz variable\nnumpy:>np\nnumpy:NaN>_\n");
    check("import a.b, c\nclass K(a.b.C):\n    x = c.y.z\n    def f(self, n: c.T = c.D, m=c.E):\n        "
          "c.F()\n",
          "K class\na import\nc import\na.b:>\nc:>\na:b>_\nc:y>_\nc:D>_\nc:E>_\n");
    check("import a\nx = a.b if a.c else a.d\nif x:\n    a.e()\ny = hasattr(a, 'f') and a.f\n",
          "a import\nx variable\ny variable\na:>\n");
    check("try:\n    import a\nexcept ImportError:\n    a = None\nx = a.b\n",
          "a import guarded\nx variable\na:> guarded\n");
    check("import a\ntry:\n    x = a.b\nexcept AttributeError:\n    x = 1\n",
          "a import\nx variable guarded\na:>\na:b>_ guarded\n");
    check("__import__('pkg_resources').declare_namespace(__name__)\nx = __import__(name)\n",
          "x variable\npkg_resources:>_\nchanges path\n");
}

static void plain_exports_are_known(void **state)
{
    (void)state;
    check("__all__ = ['a', \"b\",\n  'c']\n", "__all__ variable\nexports a\nexports b\nexports c\n");
    check("__all__ = ('a',)\n", "__all__ variable\nexports a\n");
    check("__all__ = ['a'] + b.__all__\n", "__all__ variable\n");
    check("__all__ = ['a' 'b']\n", "__all__ variable\n");
    check("__all__ = ['a', f'b']\n", "__all__ variable\n");
    check("__all__ = ['a']\n__all__ += ['b']\n", "__all__ variable\n");
    check("__all__ = ['a']\n__all__.extend(b)\n", "__all__ variable\n");
    check("__all__ = [s for s in dir()]\n", "__all__ variable\n");
    check("if x:\n  __all__ = ['a']\n", "__all__ variable condition\n");
}

int suite_module(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_module),
        cmocka_unit_test(strings_and_lines_are_understood),
        cmocka_unit_test(imports_say_when_they_happen),
        cmocka_unit_test(only_names_at_run_time_are_found),
        cmocka_unit_test(absurd_modules_are_refused),
        cmocka_unit_test(conditions_on_a_module_are_understood),
        cmocka_unit_test(names_used_at_once_count_as_imported),
        cmocka_unit_test(a_handler_that_raises_guards_nothing),
        cmocka_unit_test(an_import_in_a_handler_follows_a_failed_import),
        cmocka_unit_test(a_context_manager_may_go_on),
        cmocka_unit_test(conditions_on_releases_are_understood),
        cmocka_unit_test(other_conditions_decide_nothing),
        cmocka_unit_test(plain_exports_are_known),
        cmocka_unit_test(what_a_module_does_to_itself_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
