#!/usr/bin/env python3
"""What `check` says when it can ask a package index: an index of a few made-up and real names, served here.

usage: index_test.py SLIPWAY      TAP on standard output
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from served import Server, answer, script

INDEX = {
    "app": {"1.0": ["lib>=2,<3", "app-parts>=1", "extra-only>=5; extra == 'gpu'", "lib<1; sys_platform == 'win32'"],
            "2.0": ["lib>=3"]},
    "app-parts": {"1.0": ["base>=4"], "1.1": ["base>=4"], "1.2": ["base>=5", "lib>=2"]},
    "base": {"1.0": [], "3.0": [], "4.0": [], "5.0": []},
    "extra-only": {"1.0": [], "5.0": []},
    "lib": {"1.0": [], "2.0": [], "2.5": [], "3.0": []},
    "old-lib-user": {"1.0": ["lib<2"]},
    "of-itself": {"1.0": ["of-itself[gpu]; extra == 'all'", "lib<2"]},
    "chooser": {"1.0": ["lib<2"], "1.1": ["lib<3"], "1.2": ["lib>=3"]},
    "newest-only": {"1.0": [], "2.0": ([], {"python": ">=3.13"})},
    "young": {"1.0": ([], {"python": ">=3.13"})},
    "windows": {"1.0": ([], {"tag": "cp311-cp311-win_amd64"})},
    "source": {"1.0": ([], {"sdist": True})},
    "wants-torch": {"1.0": ([], {"sdist": True, "modules": {
        "csrc/a.cpp": "", "setup.py": "import os\nfrom torch.utils.cpp_extension import CUDAExtension\n"}})},
    "says-torch": {"1.0": ([], {"sdist": True, "modules": {
        "pyproject.toml": "[project]\nname = 'says-torch'\n[build-system]\nrequires = [\n  'setuptools', 'torch',\n]\n",
        "setup.py": "import torch\n"}})},
    "has-cuda": {"1.0": ([], {"sdist": True, "modules": {"vendor/kernels/a.cu": "", "vendor/torch.py": "import torch\n"}})},
    "like-torch": {"1.0": ([], {"sdist": True, "modules": {"setup.py": "import torchless\n# import torch\n", "a.cuda": ""}})},
    "tries-torch": {"1.0": ([], {"sdist": True, "modules": {
        "setup.py": "try:\n    import torch\nexcept ImportError:\n    torch = None\nif torch:\n    raise SystemExit\n"}})},
    "insists-on-torch": {"1.0": ([], {"sdist": True, "modules": {
        "setup.py": "try:\n    import torch\nexcept Exception as e:\n    print(e)\n    sys.exit(1)\nsetup()\n"}})},
    "torch-in-part": {"1.0": ([], {"sdist": True, "modules": {
        "setup.py": "import os\nif os.environ.get('AOT'):\n    import torch\nsetup()\n"}})},
    "torch-by-default": {"1.0": ([], {"sdist": True, "modules": {
        "setup.py": "import os\nEXT = int(os.environ.get('EXT', '1')) == 1\nif EXT:\n    try:\n        import torch\n    except Exception:\n"
                    "        sys.exit(1)\nsetup()\n"}})},
    "torch-if-asked": {"1.0": ([], {"sdist": True, "modules": {
        "setup.py": "import os\nEXT = os.getenv('EXT', 'FALSE') == 'TRUE'\nif EXT:\n    import torch\nsetup()\n"}})},
    "in-c": {"1.0": ([], {"sdist": True, "modules": {"src/a.c": "", "setup.py": "setup(ext_modules=[Extension('a', ['src/a.c'])])\n"}})},
    "in-c-perhaps": {"1.0": ([], {"sdist": True, "modules": {
        "src/a.c": "", "setup.py": "setup(ext_modules=[Extension('a', ['src/a.c'], optional=True)])\n"}})},
    "in-rust": {"1.0": ([], {"sdist": True, "modules": {
        "Cargo.toml": "", "pyproject.toml": "[project]\nname = 'in-rust'\nversion = '1.0'\n[build-system]\nbuild-backend = 'maturin'\nrequires = ['maturin>=1']\n"}})},
    "tests-in-c": {"1.0": ([], {"sdist": True, "modules": {"tests/a.c": "", "setup.py": "setup()\n"}})},
    "wants-no-release": {"1.0": ([], {"sdist": True, "modules": {
        "pyproject.toml": "[project]\nname = 'wants-no-release'\nversion = '1.0'\n[build-system]\n"
                          "requires = ['lib==77.0rc1; python_version > \"3\"', 'lib==78; python_version < \"3\"', 'lib>=1']\n"}})},
    "minds-others": {"1.0": ([], {"sdist": True, "modules": {
        "setup.py": "try:\n    import torch\nexcept OSError:\n    pass\nsetup()\n"}})},
    "brings-source": {"1.0": ["wants-torch"]},
    "withdrawn": {"1.0": ([], {"yanked": "it deletes files"}), "0.9": []},
    "gone": {"1.0": ([], {"yanked": "all of it"})},
    "silent": {"1.0": (["lib<2"], {"beside": False})},
    "torch": {"2.8.0": ["triton==3.4.0"], "2.7.1": ["triton==3.3.1"], "2.6.0": ["triton==3.2.0"], "2.5.1": ["nvidia-cublas-cu12==12.4.5.8"],
              "2.4.0": []},
    "nvidia-cublas-cu12": {"12.4.5.8": [], "12.1.3.1": []},
    "serves-with": {"0.6": ["torch==2.4.0"], "0.7": ["torch==2.7.1"], "0.9": ["torch==2.8.0"]},
    "serves": {"1.0": ["serves-with==0.6"], "2.0": ["serves-with"]},
    "any-torch": {"1.0": ["torch>=2"]},
    "torchaudio": {"2.6.0": ["torch==2.6.0"], "2.8.0": ["torch==2.8.0"], "2.11.0": []},
    "torchvision": {"0.23.0": ["torch==2.8.0"], "99.0": []},
    "vision-user": {"1.0": ["torchvision"]},
    "audio-user": {"1.0": ["torchaudio"]},
    "deep": {"1.0": ["deeper"]},
    "deeper": {"1.0": ["deepest>=1"]},
    "deepest": {"1.0": ["base>=5"], "1.1": ["base>=5"]},
    "needs-source": {"1.0": ["source"]},
    "triton": {"3.4.0": [], "3.3.1": [], "3.2.0": []},
    "xformers": {"9.9": ["torch==2.7.1"], "0.0.30": []},
    "h5py": {"3.10.0": ["numpy>=1.17.3"]},
    "numpy-holder": {"1.0": ["numpy<2,>=1.22"]},
    "numpy": {"1.26.4": [], "2.1.0": []},
    "part-s": {"1.0": ([], {"modules": {
        "part_s/__init__.py": "from .plain import known\n__version__ = '1'\n", "part_s/plain.py": "known = 1\nif X:\n  maybe = 2\n",
        "part_s/made.py": "__getattr__ = factory(f)\n",
        "part_s/stars.py": "from .plain import *\n", "part_s/getter.py": "def __getattr__(name): ...\n",
        "part_s/foreign.py": "from .plain import *\nfrom elsewhere import *\n",
        "part_s/fill.py": "def fill():\n  globals()['x'] = 1\nfill()\n", "part_s/folder/x.txt": "",
        "part_s/lazy/__init__.py": "import sys\nsys.modules[__name__] = Lazy(__name__)\n", "part_s/lazy/there.py": "",
        "part_s/faker/__init__.py": "import sys\nsys.modules[__name__ + '.made'] = object()\n",
        "part_s/typed.py": "if TYPE_CHECKING:\n  from x import Only\n", "part_s/_c.cpython-311-x86_64-linux-gnu.so": ""}})},
    # A package of names that are made when they are asked for; its project has another name.
    "of-another-name": {"1.0": ([], {"modules": {
        "part_t/__init__.py": "'Lost is no more.'\nimport sys\ntable = {'mod': ['Kept', 'Named']}  # not Lost\n"
                              "sys.modules[__name__] = Lazy(__name__, table)\nsys.modules[__name__ + '.alias'] = table\n",
        "part_t/attached.py": "__getattr__, __dir__ = attach(f)\n",
        "part_t/mod.py": "class Kept:\n  def deeper(self): return f'{self.in_a_text}'\ndef __getattr__(name): return table[name]\n"}})},
    "fails-word": {"1.0": ([], {"modules": {"fails_word.py": "from part_t import Kept, Named, Lost\n"}})},
    "fails-word-deep": {"1.0": ([], {"modules": {"fails_word_deep.py": "from part_t.mod import Lost\n"}})},
    "fails-alias": {"1.0": ([], {"modules": {"fails_alias.py": "import part_t.alias, part_t.other\n"}})},
    "works-word": {"1.0": ([], {"modules": {
        "works_word.py": "from part_t import Kept, Named, mod\nfrom part_t.mod import deeper, in_a_text\nimport part_t.alias\n"}})},
    # A module that is filled by an importer of its own, from other sources of the wheel.
    "of-an-importer": {"1.0": ([], {"modules": {
        "part_u/__init__.py": "from . import _build\n", "part_u/_build.py": "import sys\nsys.meta_path.append(Loader())\n",
        "part_v.py": "def merged(): ...\n"}})},
    "works-importer": {"1.0": ([], {"modules": {"works_importer.py": "from part_u import merged\nimport part_u.merged\n"}})},
    "fails-importer": {"1.0": ([], {"modules": {"fails_importer.py": "from part_u import never\n"}})},
    # A project that puts modules of its own into another's package, by a .pth file.
    "redirected": {"1.0": ([], {"modules": {"part_w/__init__.py": "", "part_w/inner/__init__.py": ""}})},
    "redirects": {"1.0": (["redirected"], {"modules": {"_redirects.pth": "import _redirects\n", "_redirects.py": ""}})},
    "works-redirected": {"1.0": (["redirected", "redirects"], {"modules": {"works_redirected.py": "import part_w.inner.more\n"}})},
    "fails-redirected": {"1.0": (["redirected"], {"modules": {"fails_redirected.py": "import part_w.inner.more\n"}})},
    "fails-star": {"1.0": ([], {"modules": {"fails_star.py": "from part_s.stars import gone\n"}})},
    "fails-source": {"1.0": ([], {"sdist": True, "modules": {
        "src/fails_source/__init__.py": "from .inner import x\n", "src/fails_source/inner.py": "import part_s.gone\nx = 1\n",
        "tests/test_it.py": "import part_s.tested\n"}})},
    "name-spaced": {"1.0": ([], {"modules": {"name/spaced/__init__.py": "import part_s.gone\n", "name/other/__init__.py": ""}})},
    # Extension modules for one NumPy and the other.
    **{name: {"1.0": (requires, {"uploaded": when, "tag": "cp311-cp311-manylinux_2_17_x86_64", "modules": {
        f"{name.replace('-', '_')}/_c.cpython-311-x86_64-linux-gnu.so": "x" * 100000 + text}})}
       for name, when, requires, text in [
           ("compiled-old", "2024-05-01T00:00:00Z", ["numpy>=1.20"], "\0numpy.core._multiarray_umath\0"),
           ("compiled-new", "2024-05-01T00:00:00Z", ["numpy>=1.20"], "\0numpy._core._multiarray_umath\0numpy.core._multiarray_umath\0"),
           ("compiled-without", "2024-05-01T00:00:00Z", ["numpy>=1.20"], "\0numpy.core\0"),
           ("compiled-later", "2024-07-01T00:00:00Z", ["numpy>=1.20"], "\0numpy.core._multiarray_umath\0"),
           ("compiled-bounded", "2024-05-01T00:00:00Z", ["numpy>=1.20,<2"], "\0numpy.core._multiarray_umath\0")]},
    # Projects that install the same files.
    "variant": {"1.0": ([], {"modules": {"variants/__init__.py": "a = 1\n", "variants/core.so": "cpu", "tests/test_it.py": "1"}})},
    "variant-gpu": {"1.0": ([], {"modules": {"variants/__init__.py": "b = 1\n", "variants/core.so": "gpu",
                                             "tests/test_it.py": "2"}})},
    "variant-plain": {"1.0": ([], {"modules": {"variants/core.so": "other"}})},
    "variant-same": {"1.0": ([], {"modules": {"variants/__init__.py": "", "variants/core.so": "cpu"}})},
    # Imports of what Python or a project no longer has, or not yet.
    "fails-and-serves-with": {"1.0": (["torch==2.4.0", "part-s"], {"modules": {"fails_and_serves_with.py": "import part_s.gone\n"}})},
    "fails-python": {"1.0": ([], {"modules": {"fails_python.py": "import binhex.inner\n"}})},
    "fails-python-name": {"1.0": ([], {"modules": {"fails_python_name.py": "from collections import OrderedDict, Mapping\n"}})},
    "fails-new": {"1.0": ([], {"modules": {"fails_new.py": "from typing import override\n"}})},
    "fails-setuptools": {"1.0": ([], {"modules": {"fails_setuptools.py": "import pkg_resources\n"}})},
    "works-python": {"1.0": ([], {"modules": {
        "works_python.py": "import asyncore, distutils.util, tomllib\nfrom collections.abc import Mapping\n"
                           "try:\n  import binhex\nexcept ImportError:\n  binhex = None\n"
                           "if sys.version_info >= (3, 12):\n  from typing import override\n"}})},
    "setuptools": {"82.0.0": [], "81.0.0": [], "80.0.0": ([], {"modules": {
        "setuptools/__init__.py": "", "setuptools/_vendor/yaml/__init__.py": "", "setuptools/_vendor/yaml/nodes.py": ""}})},
    "loads-setuptools": {"1.0": ([], {"modules": {"loads_setuptools.py": "import setuptools\n"}})},
    # Imports of modules that nothing brings, or that something may bring.
    "lacks": {"1.0": ([], {"modules": {"lacks/__init__.py": "import os, tomllib\nfrom . import inner\n",
                                       "lacks/inner.py": "import json\nfrom nowhere.deep import thing\nimport requests\n"}})},
    "lacks-known": {"1.0": ([], {"modules": {"lacks_known.py": "import yaml.nodes\n"}})},
    "brings-lacks": {"1.0": ["lacks"]},
    "brings-nowhere": {"1.0": ([], {"modules": {"nowhere/deep.py": "thing = 1\n"}})},
    "brings-inner-nowhere": {"1.0": ([], {"modules": {"inner_nowhere/A.py": "", "inner_nowhere/__init__.py": "", "inner_nowhere/nowhere/deep.py": ""}})},
    "undigested": {"1.0": (["lib"], {"hashes": False})},
    "a-source": {"1.0": ([], {"sdist": True})},
    "fails-chunk": {"1.0": ([], {"modules": {"fails_chunk.py": "import chunk\n"}})},
    "standard-chunk": {"3.13.0": []},
    "brings-compiled-nowhere": {"1.0": ([], {"modules": {"nowhere.abi3.so": ""}})},
    "brings-vendored": {"1.0": ([], {"modules": {"brings_vendored/__init__.py": "", "brings_vendored/_vendor/nowhere/deep.py": "thing = 1\n"}})},
    "keras": {"3.0.0": ([], {"modules": {"keras/__init__.py": "", "keras/tensorflow/__init__.py": ""}}), "2.0.0": []},
    "tensorflow": {"2.20.0": ([], {"modules": {"tensorflow/__init__.py": ""}})},
    "brings-keras": {"1.0": ["keras"]},
    "has-inner": {"1.0": ([], {"modules": {"has_inner/__init__.py": "", "has_inner/yaml/__init__.py": ""}})},
    "lacks-own": {"1.0": ([], {"modules": {"lacks_own/__init__.py": "import yaml\n", "lacks_own/yaml.py": ""}})},
    "lacks-raises": {"1.0": ([], {"modules": {"lacks_raises.py": "try:\n  import nowhere\nexcept ImportError as e:\n  raise ImportError('x') from e\n"}})},
    "lacks-both": {"1.0": ([], {"modules": {"lacks_both.py": "try:\n  import nowhere\nexcept ImportError:\n  import elsewhere\n"}})},
    "brings-elsewhere": {"1.0": ([], {"modules": {"elsewhere.py": ""}})},
    # Imports that happen in some cases.
    "fails-after": {"1.0": ([], {"modules": {"fails_after.py": "try:\n  import nowhere\nexcept ImportError:\n  from part_s.plain import gone\n"
                                                               "try:\n  from part_s.plain import known\nexcept ImportError:\n  import part_s.gone\n"}})},
    "fails-if": {"1.0": ([], {"modules": {"fails_if.py": "import part_s\n"
                                                         "if version.parse(part_s.__version__) < version.parse('0.5'):\n  import part_s.older\n"
                                                         "else:\n  import part_s.gone\n"}})},
    "refuses": {"1.0": ([], {"modules": {"refuses.py": "LEAST = '1.5'\nimport os, part_s\nif os.name == 'x':\n  raise OSError\n"
                                                       "if Version(part_s.__version__) < Version(LEAST):\n  raise ImportError(LEAST)\n"}})},
    "refuses-others": {"1.0": ([], {"modules": {"refuses_others.py": "from importlib.metadata import version\nhave = Version(version('part-s'))\n"
                                                                     "if have < Version('1.0'):\n  raise ImportError\n"
                                                                     "if have > Version('1.0'):\n  raise ImportError\n"
                                                                     "if have == Version('2'):\n  raise ImportError\n"
                                                                     "try:\n  raise OSError\nexcept OSError:\n  pass\n"}})},
    "uses-made": {"1.0": ([], {"modules": {"uses_made.py": "from part_s.made import anything_at_all\n"}})},
    "uses-attached": {"1.0": ([], {"modules": {"uses_attached.py": "from part_t.attached import anything_at_all\n"}})},
    "refuses-without": {"1.0": ([], {"modules": {"refuses_without.py": "if find_spec('part_s') is None:\n  raise ImportError('part_s')\n"}})},
    "refuses-python": {"1.0": ([], {"modules": {"refuses_python.py": "import sys\nif sys.version_info >= (3, 12):\n  raise ImportError\n"
                                                                     "if sys.version_info >= (3, 11):\n  raise ImportError\n"}})},
    # Packages that are empty themselves.
    "described": {"1.0": ([], {"modules": {"described/__init__.py": "", "described/used.py": "import part_s.gone\n", "described/rest.py": ""},
                               "description": "```\n>>> from described.used import f\nfrom described import rest, nothing\n```\n"})},
    "described-not": {"1.0": ([], {"modules": {"described_not/__init__.py": "from . import core\n", "described_not/core.py": "",
                                               "described_not/used.py": "import part_s.gone\n"},
                                   "description": "from described_not.used import f\n"})},
    "described-adapters": {"1.0": ([], {"modules": {"described_adapters/__init__.py": "from . import core\n", "described_adapters/core.py": "",
                                                    "described_adapters/yaml.py": "import requests\nimport yaml\n",
                                                    "described_adapters/part_s.py": "import part_s\n"},
                                        "description": "from described_adapters.yaml import f\n"})},
    "brings-known-vendored": {"1.0": ([], {"modules": {"brings_known_vendored/__init__.py": "", "brings_known_vendored/_vendor/yaml/nodes.py": ""}})},
    "described-choice": {"1.0": ([], {"modules": {
        "described_choice/__init__.py": "", "described_choice/layers/__init__.py": "", "described_choice/layers/one.py": "import yaml\n",
        "described_choice/layers/other.py": "import requests\n",
        "described_choice/layers/third.py": "import numpy\n"},
        "description": "from described_choice.layers.one   import f\nfrom described_choice.layers.other import f\nfrom described_choice.layers.third import f\n"})},
    "described-rarely": {"1.0": ([], {"modules": {
        "described_rarely/__init__.py": "", "described_rarely/used.py": "import part_s.gone\n", "described_rarely/a.py": "",
        "described_rarely/b.py": ""}, "description": "import described_rarely.used\nimport described_rarely.a\nimport described_rarely.b\n"})},
    "changes-search": {"1.0": ([], {"modules": {"changes_search.pth": "import changes_search\n", "changes_search.py": ""}})},
    "lacks-nothing": {"1.0": ([], {"modules": {
        "lacks_nothing/__init__.py": "from . import guarded, asked, used\nimport _nowhere, pip, setuptools, pkg_resources, distutils.util\n"
                                     "import winreg, lacks_nothing.inner\nif X:\n  import nowhere\ndef f():\n  import nowhere\n",
        "lacks_nothing/guarded.py": "try:\n  import nowhere\nexcept ImportError:\n  nowhere = None\n"
                                    "if TYPE_CHECKING:\n  from nowhere.deep import thing\n",
        "lacks_nothing/asked.py": "def there():\n  return find_spec('nowhere') is not None\nif there():\n  import nowhere.deep\n",
        "lacks_nothing/used.py": "from lacks_nothing import nowhere\nx = nowhere.deep.thing\n",
        "lacks_nothing/inner.py": "", "lacks_nothing/unreached.py": "import nowhere\n"}})},
    "brings-binhex": {"1.0": ([], {"modules": {"binhex/__init__.py": "", "binhex/inner.py": ""}})},
    # Lazy packages: what their exports run into.
    "fails-mostly": {"1.0": ([], {"modules": {
        "fails_mostly/__init__.py": "if TYPE_CHECKING:\n  from .a import A\n  from .b import B\nelse:\n"
                                    "  sys.modules[__name__] = Lazy()\n",
        "fails_mostly/a.py": "from .shared import x\n", "fails_mostly/b.py": "from .shared import x\n",
        "fails_mostly/shared.py": "import part_s.gone\nx = 1\n"}})},
    "fails-partly": {"1.0": ([], {"modules": {
        "fails_partly/__init__.py": "if TYPE_CHECKING:\n  from .a import A\n  from .b import B\n  from .c import C\nelse:\n"
                                    "  sys.modules[__name__] = Lazy()\n",
        "fails_partly/a.py": "", "fails_partly/b.py": "import part_s.gone\n", "fails_partly/c.py": ""}})},
    "fails-through": {"1.0": ([], {"modules": {
        "fails_through/__init__.py": "from .lazy import A\n",
        "fails_through/lazy/__init__.py": "if TYPE_CHECKING:\n  from .a import A\n  from .b import B\nelse:\n"
                                          "  sys.modules[__name__] = Lazy()\n",
        "fails_through/lazy/a.py": "import part_s.gone\n", "fails_through/lazy/b.py": ""}})},
    # What imports of it, and whether that fails.
    "fails-module": {"1.0": ([], {"modules": {"fails_module/__init__.py": "'x'\nfrom . import inner\n",
                                              "fails_module/inner.py": "import os\nimport part_s.gone.deeper as p\n"}})},
    "fails-name": {"1.0": ([], {"modules": {"fails_name/__init__.py": "from fails_name.sub.deep import x\n",
                                            "fails_name/sub/__init__.py": "from part_s.plain import (known,\n  unknown)\n",
                                            "fails_name/sub/deep.py": "x = 1\n"}})},
    "fails-typed": {"1.0": ([], {"modules": {"fails_typed.py": "from part_s.typed import Only\n"}})},
    "fails-lazy": {"1.0": ([], {"modules": {"fails_lazy.py": "import part_s.lazy.gone\n"}})},
    "fails-probe": {"1.0": ([], {"modules": {
        "fails_probe/__init__.py": "from .probe import has_parts\nif not has_parts():\n  y = 1\nelse:\n  import part_s.gone\n",
        "fails_probe/probe.py": "import importlib\n@cache\ndef has_parts():\n  'Whether.'\n"
                                "  return importlib.util.find_spec('part_s') is not None\n"}})},
    "fails-class": {"1.0": ([], {"modules": {"fails_class.py": "class A:\n  from part_s import gone\n"}})},
    "fails-late": {"1.0": ([], {"modules": {"fails_late.py": "import part_s.gone\n"}})},
    "works": {"1.0": ([], {"modules": {
        "works/__init__.py": "from . import guarded, called, typing_only, known, unknown, conditions\nimport works.missing_here\n",
        "works/guarded.py": "try:\n  import part_s.gone\nexcept ImportError:\n  from part_s import known\n",
        "works/called.py": "def f():\n  import part_s.gone\n",
        "works/typing_only.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  import part_s.gone\n",
        "works/known.py": "import part_s.plain, part_s.folder, part_s.folder.more\nfrom part_s import plain, known, lazy, _c\n"
                          "from part_s.plain import known, maybe\nfrom part_s._c import anything\nimport part_s._c.inner\n"
                          "from part_s.plain import *\nimport part_s.lazy.there\nfrom part_s import __path__, __file__\n",
        "works/unknown.py": "from part_s.getter import built\nfrom part_s.fill import x\nfrom part_s.lazy import part\n"
                            "import part_s.faker.made\nfrom part_s.foreign import anything\n",
        "works/conditions.py": "from .probe import versioned, has_other\nif versioned():\n  import part_s.gone\n"
                               "if has_other():\n  import part_s.gone\nif VERSION > (1, 2):\n  import part_s.gone\n",
        "works/probe.py": "def versioned():\n  return find_spec('part_s') is not None and v > 2\n"
                          "def has_other():\n  return find_spec('other') is not None\n",
        "works/unreached.py": "import part_s.gone\n"}})},
}
# A project that another project requires is judged like a project that the profile names.
INDEX |= {
    "bitsandbytes": {"0.42.0": [], "0.49.0": []},
    "brings-bitsandbytes": {"1.0": ["bitsandbytes==0.42.0", "torch==2.8.0"]},
    "brings-import": {"1.0": ["fails-module", "part-s"]},
    "brings-variants": {"1.0": ["variant", "variant-gpu"]},
    "brings-compiled": {"1.0": ["compiled-old"]},
    "brings-removed": {"1.0": ["fails-python"]},
    "brings-kernels": {"1.0": ["xformers==0.0.30"]},
    "brings-jax": {"1.0": ["jax"]},
    "jax": {"0.6.0": []},
}
# Findings of what is brought along, by the project that brings it, and what the evidence says of the way.
BROUGHT = {
    "brings-bitsandbytes": ("SW207", "bitsandbytes 0.42.0 has no libbitsandbytes_cuda128.so",
                            "bitsandbytes 0.42.0 is brought by brings-bitsandbytes 1.0"),
    "brings-import": ("SW209", "fails-module 1.0 imports part_s.gone", "fails-module 1.0 is brought by brings-import 1.0"),
    "brings-variants": ("SW219", "variant 1.0 and variant-gpu 1.0 install 1", "variant-gpu 1.0 is brought by brings-variants 1.0"),
    "brings-compiled": ("SW214", "compiled-old 1.0 is compiled for numpy<2, and the installer takes numpy 2.1.0",
                        "compiled-old 1.0 is brought by brings-compiled 1.0"),
    "brings-removed": ("SW209", "fails-python 1.0 imports binhex", "fails-python 1.0 is brought by brings-removed 1.0"),
    "brings-kernels": ("SW208", "xformers 0.0.30 does not run on the GeForce RTX 5090", "xformers 0.0.30 is brought by brings-kernels 1.0"),
    "brings-jax": None,
}
INDEX |= {f"need-{n:03}": {"1.0": []} for n in range(300)}
INDEX["broad"] = {"1.0": list(INDEX)[-300:]}

# Other indexes of the same server, by their paths.
OWN = {
    "own": {"elsewhere": {"1.0": ["lib<2"]}, "lib": {"1.0": []}},
    "own/cu128": {"torch": {"2.8.0+cu128": [], "2.8.0+cu126": [], "2.7.1+cu126": []}},
}

PARTS = "requirements: [part-s==1.0, {}==1.0]"

# name: (the profile's keys, what is found a line each: CODE severity text). A text ends where it ends here.
CASES = {
    "nothing wrong": ("requirements: [app==1.0, lib>=1]", []),
    "a pin against a pin": (
        "requirements: [app==1.0, lib==1.0]",
        ["SW210 error conflict with 'lib==1.0': app 1.0 requires lib<3,>=2|lib>=2,<3"]),
    "both sides are named by the profile": (
        "requirements: [app==1.0, old-lib-user==1.0]",
        ["SW210 error app 1.0 requires lib>=2,<3 and old-lib-user 1.0 requires lib<2; no release satisfies both"]),
    "every contradiction, not the first": (
        "requirements: [app==1.0, lib==1.0, base==3.0]",
        ["SW210 error conflict with 'lib==1.0': app 1.0 requires lib>=2,<3",
         "SW210 error conflict with 'base==3.0': all 3 allowed releases of app-parts require another base; "
         "app-parts 1.2 requires base>=5"]),
    "extras count": (
        "requirements: ['app[gpu]==1.0', extra-only==1.0]",
        ["SW210 error conflict with 'extra-only==1.0': app 1.0 requires extra-only>=5"]),
    "extras that are not asked for do not": ("requirements: [app==1.0, extra-only==1.0]", []),
    "an extra of its own is no end of what it asks": (
        "requirements: ['of-itself[all]==1.0', lib==3.0]",
        ["SW210 error conflict with 'lib==3.0': of-itself 1.0 requires lib<2"]),
    "an older release may fit": ("requirements: [chooser, lib==2.5]", []),
    "a torch that comes along, and GPUs of data centers on an older driver": (
        "accelerators: [a100]\ndriver: '>=470'\nrequirements: ['torch>=2.7']\n",
        ["SW226 error no set of releases satisfies 'torch>=2.7': torch 2.7.1 (CUDA 12.6) needs driver 525.60.13 or newer, and the hosts may have 470",
         "SW212 warning 'torch>=2.7' leaves"]),
    "a torch that comes along, and no GPU on an older driver": (
        "driver: '>=470'\nrequirements: ['torch>=2.7']\n", ["SW226 error no set of releases satisfies 'torch>=2.7'", "SW212 warning 'torch>=2.7' leaves"]),
    "a torch that comes along, and an image that may bridge an older driver": (
        "accelerators: [a100]\ndriver: '>=470'\nbase_image: nvidia/cuda:12.8.1-runtime-ubuntu22.04\npython_version: '3.10'\nrequirements: ['torch>=2.7']\n",
        ["SW203 warning CUDA 12.8 needs driver 525.60.13 or newer, the profile admits 470; only the base image's forward",
         "SW212 warning 'torch>=2.7' leaves", "SW216 warning the base image is made for driver"]),
    "a contradiction beside a GPU that is not served": (
        "accelerators: [rtx-5090]\nrequirements: [torch==2.5.1, nvidia-cublas-cu12==12.1.3.1]",
        ["SW201 error torch 2.5.1", "SW226 error no set of releases satisfies 'nvidia-cublas-cu12==12.1.3.1': torch 2.5.1 requires nvidia-"]),
    "no release fits": (
        "requirements: ['chooser>=1.2', lib==2.5]",
        ["SW210 error conflict with 'lib==2.5': chooser 1.2 requires lib>=3"]),
    "two ranges": (
        "requirements: [lib>=3]\nconstraints: [lib<3]",
        ["SW210 error conflict: no release satisfies both 'lib>=3' and 'lib<3'"]),
    "requirements of more projects than are looked up": (
        "requirements: [broad==1.0]",
        ["SW403 warning 45 projects are not checked, as a check looks up 256 at most: need-255, need-256, "]),
    "a profile of more projects than are looked up": (
        "requirements: [" + ", ".join(f"need-{n:03}" for n in range(300)) + "]",
        ["SW403 warning 44 projects are not checked, as a check looks up 256 at most: need-256, need-257, need-258, need-259, "
         "need-260, need-261, need-262, need-263, need-264, need-265, need-266, need-267, need-268, need-269, need-270, "
         "need-271, need-272, need-273, need-274, need-275 and 24 others"]),
    "a release that is not there": (
        "requirements: [lib==7.0]", ["SW204 error no release of lib is 'lib==7.0'"]),
    "a project that is not there": (
        "requirements: [nowhere]", ["SW204 error the index at"]),
    "no file for the target": (
        "requirements: [windows==1.0]", ["SW204 error windows 1.0 has no file for Python 3.11 on Linux x86_64"]),
    "a source distribution will do": ("requirements: [source]", []),
    "a source whose build imports torch": (
        "requirements: [wants-torch]",
        ["SW230 error wants-torch 1.0 is built from source and its setup.py imports torch, which build isolation hides"]),
    "a source whose build imports torch, as a dependency": (
        "requirements: [brings-source]",
        ["SW230 error wants-torch 1.0, for brings-source 1.0 is built from source and its setup.py imports torch"]),
    "a source with CUDA code": (
        "requirements: [has-cuda==1.0]", ["SW230 warning has-cuda 1.0 is built from source with CUDA code in it, and without nvcc"]),
    "a source of neither": ("requirements: [like-torch]", []),
    "a source that goes on without torch": ("requirements: [tries-torch]", []),
    "a source that imports torch in part": (
        "requirements: [torch-in-part]", ["SW230 warning torch-in-part 1.0 is built from source and its setup.py may import torch"]),
    "a source that imports torch by default": (
        "requirements: [torch-by-default]", ["SW230 error torch-by-default 1.0 is built from source and its setup.py imports torch"]),
    "a source that imports torch if it is asked to": (
        "requirements: [torch-if-asked]", ["SW230 warning torch-if-asked 1.0 is built from source and its setup.py may import torch"]),
    "a source in C, and no compiler": (
        "requirements: [in-c]", ["SW230 error in-c 1.0 is built from source, which is compiled, and the base image has no compiler"]),
    "a source in C that goes on without a compiler": (
        "requirements: [in-c-perhaps]", ["SW230 warning in-c-perhaps 1.0 is built from source, which is compiled"]),
    "a source in C, and a compiler": ("system_packages: [build-essential]\nrequirements: [in-c]", []),
    "a source in C on an image with a compiler": ("base_image: python:3.11-bookworm\nrequirements: [in-c]", []),
    "a source in Rust": (
        "base_image: python:3.11-bookworm\nsystem_packages: [gcc]\nrequirements: [in-rust]",
        ["SW230 error in-rust 1.0 is built from source, which is compiled, and the base image has no compiler for Rust"]),
    "code in C for tests": ("requirements: [tests-in-c]", []),
    "a build that requires what is not there": (
        "requirements: [wants-no-release]",
        ["SW204 error wants-no-release 1.0 is built from source, and its build requires 'lib==77.0rc1; python_version > \"3\"', of which"]),
    "a source that does not go on": ("requirements: [insists-on-torch, minds-others]", [
        "SW230 error insists-on-torch 1.0 is built from source and its setup.py imports torch",
        "SW230 error minds-others 1.0 is built from source and its setup.py imports torch"]),
    "sources that are compiled": (
        "accelerators: [h100]\ntorch: {version: '2.8.0', cuda: '12.8'}\nrequirements: [brings-source, has-cuda]\ncompile: [Wants_Torch, has-cuda]", []),
    "a Python that the pin excludes": (
        "requirements: [young==1.0]", ["SW211 error 'young==1.0' has no release for Python 3.11"]),
    "an older release for this Python": ("requirements: [newest-only]", []),
    "withdrawn and pinned": (
        "requirements: [withdrawn==1.0]", ["SW213 warning withdrawn 1.0 was withdrawn: it deletes files"]),
    "withdrawn and open": ("requirements: [withdrawn]", []),
    "withdrawn altogether": (
        "requirements: ['gone>=1']", ["SW213 error every release of gone that 'gone>=1' allows was withdrawn"]),
    "an index that does not say what a wheel requires": (
        "requirements: [silent==1.0, lib==3.0]", ["SW210 error conflict with 'lib==3.0': silent 1.0 requires lib<2"]),
    "a companion of another torch": (
        "torch: {version: '2.8.0', cuda: '12.8'}\nrequirements: [xformers==9.9]",
        ["SW205 error conflict with 'torch==2.8.0': xformers 9.9 requires torch==2.7.1"]),
    "a triton of another torch, said once": (
        "torch: {version: '2.8.0', cuda: '12.8'}\nrequirements: [triton==3.3.1]",
        ["SW205 error triton 3.3.1 belongs to torch 2.7.1, not to torch 2.8.0"]),
    "a module that is gone": (
        PARTS.format("fails-module"), ["SW209 error fails-module 1.0 imports part_s.gone, which part-s 1.0 does not have"]),
    "a name that is gone": (
        PARTS.format("fails-name"),
        ["SW209 error fails-name 1.0 imports unknown of part_s.plain, which part-s 1.0 does not have"]),
    "a name that only type checkers see": (
        PARTS.format("fails-typed"), ["SW209 error fails-typed 1.0 imports Only of part_s.typed, which part-s 1.0"]),
    "a module of a lazy package": (
        PARTS.format("fails-lazy"), ["SW209 error fails-lazy 1.0 imports part_s.lazy.gone, which part-s 1.0"]),
    "a module that is asked for where its package is there": (
        PARTS.format("fails-probe"), ["SW209 error fails-probe 1.0 imports part_s.gone, which part-s 1.0 does not have"]),
    "a name in a class": (
        PARTS.format("fails-class"), ["SW209 error fails-class 1.0 imports gone of part_s, which part-s 1.0 does not have"]),
    "imports that never run, are guarded, conditional or cannot be known": (PARTS.format("works"), []),
    "a name that a package cannot make": (
        "requirements: [of-another-name==1.0, fails-word==1.0]",
        ["SW209 error fails-word 1.0 imports Lost of part_t, which of-another-name 1.0 does not have"]),
    "a name that a module cannot make": (
        "requirements: [of-another-name==1.0, fails-word-deep==1.0]", ["SW209 error fails-word-deep 1.0 imports Lost of part_t.mod, which"]),
    "a module that a package cannot make": (
        "requirements: [of-another-name==1.0, fails-alias==1.0]",
        ["SW209 error fails-alias 1.0 imports part_t.other, which of-another-name 1.0 does not have"]),
    "names that may be made": ("requirements: [of-another-name==1.0, works-word==1.0]", []),
    "a name that is not among all names of another module": (
        PARTS.format("fails-star"), ["SW209 error fails-star 1.0 imports gone of part_s.stars, which part-s 1.0 does not have"]),
    "a name that an importer may give": ("requirements: [of-an-importer==1.0, works-importer==1.0]", []),
    "a name that no importer can give": (
        "requirements: [of-an-importer==1.0, fails-importer==1.0]",
        ["SW209 error fails-importer 1.0 imports never of part_u, which of-an-importer 1.0 does not have"]),
    "a module that another project puts into the package": ("requirements: [works-redirected==1.0]", []),
    "a module that nobody puts into the package": (
        "requirements: [fails-redirected==1.0]",
        ["SW209 error fails-redirected 1.0 imports part_w.inner.more, which redirected 1.0 does not have"]),
    "what a source distribution imports": (
        PARTS.format("fails-source"), ["SW209 error fails-source 1.0 imports part_s.gone, which part-s 1.0 does not have"]),
    "what a package in a namespace imports": (
        PARTS.format("name-spaced"), ["SW209 error name-spaced 1.0 imports part_s.gone, which part-s 1.0 does not have"]),
    "most exports of a lazy package fail": (
        PARTS.format("fails-mostly"), ["SW209 error fails-mostly 1.0 imports part_s.gone, which part-s 1.0 does not have"]),
    "some exports of a lazy package fail": (
        PARTS.format("fails-partly"), ["SW209 warning fails-partly 1.0 imports part_s.gone, which part-s 1.0 does not have"]),
    "a name of a lazy package is loaded": (
        PARTS.format("fails-through"), ["SW209 error fails-through 1.0 imports part_s.gone, which part-s 1.0 does not have"]),
    "the variant for GPUs beside the other": (
        "requirements: [variant==1.0, variant-gpu]",
        ["SW219 error variant 1.0 and variant-gpu 1.0 install 1 of the same files with other contents: the last one installed wins"]),
    "two variants": (
        "requirements: [variant==1.0, variant-plain==1.0]",
        ["SW219 warning variant 1.0 and variant-plain 1.0 install 1 of the same files with other contents"]),
    "the same file, and a namespace": ("requirements: [variant==1.0, variant-same==1.0]", []),
    "a module that Python no longer has": (
        "requirements: [fails-python==1.0]", ["SW209 error fails-python 1.0 imports binhex, which Python 3.11 does not have"]),
    "a module that another package brings back": ("requirements: [fails-python==1.0, brings-binhex==1.0]", []),
    "a module that one of several projects brings back": ("python_version: '3.13'\nrequirements: [fails-chunk==1.0, standard-chunk]", []),
    "a name that Python no longer has": (
        "requirements: [fails-python-name==1.0]",
        ["SW209 error fails-python-name 1.0 imports Mapping of collections, which Python 3.11 does not have"]),
    "a name that Python does not have yet": (
        "requirements: [fails-new==1.0]", ["SW209 error fails-new 1.0 imports override of typing, which Python 3.11 does not have"]),
    "a module that setuptools no longer has": (
        "requirements: [fails-setuptools==1.0, setuptools==82.0.0]",
        ["SW209 error fails-setuptools 1.0 imports pkg_resources, which setuptools 82.0.0 does not have"]),
    "a module that this setuptools has": ("requirements: [fails-setuptools==1.0, setuptools==81.0.0]", []),
    "imports that this Python has, or that are guarded": ("requirements: [works-python==1.0]", []),
    "a module that no requirement brings": (
        "requirements: [lacks==1.0]", ["SW209 error lacks 1.0 imports nowhere, which no requirement brings"]),
    "a module that a project lacks which another requires, and perhaps never imports": ("requirements: [brings-lacks==1.0, lacks]", []),
    "a module of a known project that no requirement brings": (
        "requirements: [lacks-known==1.0]", ["SW209 error lacks-known 1.0 imports yaml, which no requirement brings"]),
    "imports that bring the package down in no case": ("requirements: [lacks-nothing==1.0]", []),
    "the next absent module": (
        "requirements: [lacks==1.0, brings-nowhere]", ["SW209 error lacks 1.0 imports requests, which no requirement brings"]),
    "a compiled module": (
        "requirements: [lacks==1.0, brings-compiled-nowhere]", ["SW209 error lacks 1.0 imports requests, which no requirement brings"]),
    # The unit tests lock this profile, too.
    "a file without a digest": ("requirements: [app-parts==1.0, lib==2.0, undigested==1.0]", []),
    "a module that lies within another's package": (
        "requirements: [lacks==1.0, brings-inner-nowhere]", ["SW209 error lacks 1.0 imports nowhere, which no requirement brings"]),
    "a module that a source may bring, which nobody read": ("requirements: [a-source==1.0, lacks==1.0]", []),
    "a module that lies below another's folder": (
        "requirements: [lacks==1.0, brings-vendored]", ["SW209 error lacks 1.0 imports requests, which no requirement brings"]),
    "a module that a project chooses by a variable": (
        "requirements: [keras==3.0.0]", ["SW209 error keras 3.0.0 imports tensorflow, which no requirement brings"]),
    "a module that a project chooses, and that is there": ("requirements: [keras==3.0.0, tensorflow]", []),
    "a module that a project chooses, with the variable": ("requirements: [keras==3.0.0]\nenvironment: {KERAS_BACKEND: torch}", []),
    "a module that another release chooses": ("requirements: [keras==2.0.0]", []),
    "a module that a project chooses which another requires": ("requirements: [keras==3.0.0, brings-keras]", []),
    "an absent module, beside a project with a .pth file: no file has the name": (
        "requirements: [lacks==1.0, changes-search]", ["SW209 error lacks 1.0 imports nowhere, which no requirement brings"]),
    "an absent module of the name of a folder in a package": (
        "requirements: [lacks-known==1.0, has-inner]", ["SW209 error lacks-known 1.0 imports yaml, which no requirement brings"]),
    "an absent module of a known project, and a folder of the importer's own": (
        "requirements: [lacks-own==1.0]", ["SW209 error lacks-own 1.0 imports yaml, which no requirement brings"]),
    "an absent module whose handler raises": (
        "requirements: [lacks-raises==1.0]", ["SW209 error lacks-raises 1.0 imports nowhere, which no requirement brings"]),
    "an absent module, after another that is absent": (
        "requirements: [lacks-both==1.0]", ["SW209 error lacks-both 1.0 imports elsewhere, which no requirement brings"]),
    "a module that is there in place of the absent one": ("requirements: [lacks-both==1.0, brings-elsewhere]", []),
    "a name that is gone, after a module that is absent": (
        "requirements: [part-s==1.0, fails-after==1.0]",
        ["SW209 error fails-after 1.0 imports gone of part_s.plain, which part-s 1.0 does not have"]),
    "an import under a condition on the release that is there": (
        "requirements: [part-s==1.0, fails-if==1.0]", ["SW209 error fails-if 1.0 imports part_s.gone, which part-s 1.0 does not have"]),
    "a package that refuses a release": (
        "requirements: [part-s==1.0, refuses==1.0]",
        ["SW209 error refuses 1.0 raises an exception on import beside part_s 1.0, since it is part_s<1.5"]),
    "a package that refuses no release that is there": ("requirements: [refuses-others==1.0, part-s==1.0]", []),
    "a package that refuses to be imported without another": (
        "requirements: [refuses-without==1.0]",
        ["SW209 error refuses-without 1.0 raises an exception on import without part_s, which no requirement brings"]),
    "names of a module that another function answers for": ("requirements: [part-s==1.0, uses-made==1.0]", []),
    "a name that no lazy loader has": (
        "requirements: [of-another-name==1.0, uses-attached==1.0]",
        ["SW209 error uses-attached 1.0 imports anything_at_all of part_t.attached, which of-another-name 1.0 does not have"]),
    "a package that gets what it wants": ("requirements: [refuses-without==1.0, part-s==1.0]", []),
    "a package that refuses a Python": (
        "requirements: [refuses-python==1.0]",
        ["SW209 error refuses-python 1.0 raises an exception on import with Python 3.11, since it is python>=3.11"]),
    "an empty package: what its description imports": (
        "requirements: [part-s==1.0, described==1.0]", ["SW209 error described 1.0 imports part_s.gone, which part-s 1.0 does not have"]),
    "a module that the description imports and the package does not": (
        "requirements: [part-s==1.0, described-not==1.0]",
        ["SW209 error described-not 1.0 imports part_s.gone, which part-s 1.0 does not have"]),
    "an adapter to a module that is absent": (
        "requirements: [described-adapters==1.0]", ["SW209 error described-adapters 1.0 imports requests, which no requirement brings"]),
    "modules for one framework each, none of which is there": ("requirements: [described-choice==1.0]", []),
    "an adapter that is not used, since another one is": ("requirements: [part-s==1.0, described-adapters==1.0]", []),
    "a copy of a known project within another package": (
        "requirements: [lacks-known==1.0, brings-known-vendored]", ["SW209 error lacks-known 1.0 imports yaml, which no requirement brings"]),
    "a copy of a known project that setuptools has, and nobody imports setuptools": (
        "requirements: [lacks-known==1.0, setuptools==80.0.0]", ["SW209 error lacks-known 1.0 imports yaml, which no requirement brings"]),
    "a copy of a known project that setuptools has, which another imports": (
        "requirements: [lacks-known==1.0, setuptools==80.0.0, loads-setuptools==1.0]", []),
    "setuptools, which a virtual environment of Python 3.11 has": ("requirements: [fails-setuptools==1.0]", []),
    "setuptools, which a virtual environment of Python 3.12 does not have": (
        "python_version: '3.12'\nrequirements: [fails-setuptools==1.0]",
        ["SW209 error fails-setuptools 1.0 imports pkg_resources, which no requirement brings"]),
    "setuptools without the module, with Python 3.12": (
        "python_version: '3.12'\nrequirements: [fails-setuptools==1.0, setuptools==82.0.0]",
        ["SW209 error fails-setuptools 1.0 imports pkg_resources, which setuptools 82.0.0 does not have"]),
    "an empty package: what few of its examples import": (
        "requirements: [part-s==1.0, described-rarely==1.0]",
        ["SW209 warning described-rarely 1.0 imports part_s.gone, which part-s 1.0 does not have"]),
    "a module, beside a source distribution": ("requirements: [lacks==1.0, source]", []),
    "a module, beside packages of the system": ("requirements: [lacks==1.0]\nsystem_packages: [python3-yaml]", []),
    "a module, in a base that may have any": ("requirements: [lacks==1.0]\nbase_image: example.com/base:1", []),
    "compiled for NumPy 1, beside NumPy 2": (
        "requirements: [compiled-old==1.0, numpy==2.1.0]",
        ["SW214 error compiled-old 1.0 is compiled for numpy<2, and numpy 2.1.0 is pinned"]),
    "compiled for NumPy 1, and nothing holds NumPy": (
        "requirements: [compiled-old==1.0]", ["SW214 error compiled-old 1.0 is compiled for numpy<2, and the installer takes numpy 2.1.0"]),
    "compiled for NumPy 1, beside NumPy 1": ("requirements: [compiled-old==1.0, numpy==1.26.4]", []),
    "compiled for both, without NumPy, or too late to be looked at": (
        "requirements: [compiled-new==1.0, compiled-without==1.0, compiled-later==1.0, numpy==2.1.0]", []),
    "compiled for NumPy 1, and says so": (
        "requirements: [compiled-bounded==1.0, numpy==2.1.0]", ["SW210 error conflict with 'numpy==2.1.0': compiled-bounded 1.0 requires numpy"]),
    "an import by a release that is open": ("requirements: [part-s==1.0, 'chooser<2', fails-module==1.0]",
                                            ["SW209 error fails-module 1.0 imports part_s.gone, which part-s 1.0"]),
    "an import of what the profile does not name": (
        "requirements: [fails-module==1.0]", ["SW209 error fails-module 1.0 imports part_s, which no requirement brings"]),
    "built for NumPy 1, which nothing holds": (
        "requirements: [h5py==3.10.0]", ["SW214 error h5py 3.10.0 is built for numpy<2, and the installer takes numpy 2.1.0"]),
    "built for NumPy 1, which what another requires holds": ("requirements: [h5py==3.10.0, numpy-holder==1.0]", []),
    "an assertion about a range": (
        "requirements: ['lib<3']\nassertions: [{that: lib, is: '>=3'}]",
        ["SW206 error no release of lib that the pins allow is '>=3'"]),
    "an archive's URL": ("requirements: ['lib @ https://example.org/lib.zip', app==1.0]", []),
    "a wheel's URL": (
        "requirements: ['app @ {server}/files/app-1.0-py3-none-any.whl', lib==1.0]",
        ["SW210 error conflict with 'lib==1.0': app 1.0 requires lib<3,>=2|lib>=2,<3"]),
    "a wheel's URL against a pin": (
        "requirements: ['lib @ {server}/files/lib-1.0-py3-none-any.whl', app==1.0]",
        ["SW210 error conflict with 'lib @ {server}/files/lib-1.0-py3-none-any.whl': app 1.0 requires lib<3,>=2|lib>=2,<3"]),
    "a wheel's URL that does not answer to it": (
        "requirements: ['lib @ {server}/files/lib-9.0-py3-none-any.whl']", ["SW204 error cannot fetch '{server}/files/lib-9.0-py3-none-any.whl'"]),
    "a wheel's URL for another Python": (
        "requirements: ['windows @ {server}/files/windows-1.0-cp311-cp311-win_amd64.whl']",
        ["SW204 error windows 1.0 has no file for Python 3.11 on Linux x86_64"]),
    "what a wheel at a URL imports": (
        "requirements: ['fails-module @ {server}/files/fails_module-1.0-py3-none-any.whl', part-s==1.0]",
        ["SW209 error fails-module 1.0 imports part_s.gone, which part-s 1.0 does not have"]),
    "an index of its own": (
        "requirements: [elsewhere==1.0, lib==2.0]\nindexes: [{{url: '{server}/own', for: [elsewhere]}}]",
        ["SW210 error conflict with 'lib==2.0': elsewhere 1.0 requires lib<2"]),
    "an index of its own has another release": (
        "requirements: [lib==2.0]\nindexes: [{{url: '{server}/own', for: [lib]}}]",
        ["SW204 error no release of lib is 'lib==2.0'"]),
    "a companion without a version, which comes from torch's own index": (
        "torch: {version: '2.8.0', cuda: '12.8'}\nrequirements: [torchaudio]", []),
    "an index of its own for torch": (
        "torch: {{version: '2.8.0', cuda: '12.8'}}\nrequirements: [xformers==9.9]\nindexes: [{{url: '{server}/own/cu128', for: [torch]}}]",
        ["SW205 error conflict with 'torch==2.8.0+cu128': xformers 9.9 requires torch==2.7.1"]),
    "an index of its own without that build of torch": (
        "torch: {{version: '2.7.1', cuda: '12.8'}}\nindexes: [{{url: '{server}/own/cu128', for: [torch]}}]",
        ["SW204 error no release of torch is 'torch==2.7.1+cu128'"]),
    "a marker that does not hold": ("requirements: ['nowhere; sys_platform == \"win32\"']", []),
    "a torch that a requirement brings, for another GPU": (
        "accelerators: [rtx-5090]\nrequirements: [serves-with==0.6]",
        ["SW226 error no set of releases satisfies 'serves-with==0.6': serves-with 0.6 requires torch==2.4.0; "
         "torch 2.4.0 (CUDA 12.1) has no code that the GeForce RTX 5090 (12.0) can run"]),
    "a torch that a requirement brings, for another GPU, and an import that fails": (
        "accelerators: [rtx-5090]\nrequirements: [fails-and-serves-with==1.0]",
        ["SW209 error fails-and-serves-with 1.0 imports part_s.gone, which part-s 1.0 does not have",
         "SW226 error no set of releases satisfies 'fails-and-serves-with==1.0': fails-and-serves-with 1.0 requires torch==2.4.0; "
         "torch 2.4.0 (CUDA 12.1) has no code that the GeForce RTX 5090 (12.0) can run"]),
    "the same two projects away": (
        "accelerators: [rtx-5090]\nrequirements: [serves==1.0]",
        ["SW226 error no set of releases satisfies 'serves==1.0': serves 1.0 requires serves-with==0.6; "
         "serves-with 0.6 requires torch==2.4.0; torch 2.4.0 (CUDA 12.1) has no code"]),
    "a range of torch without a build for the GPU": (
        "accelerators: [rtx-5090]\nrequirements: ['torch>=2.2,<2.5']",
        ["SW226 error no set of releases satisfies 'torch>=2.2,<2.5': torch 2.4.0 (CUDA 12.1) has no code",
         "SW212 warning 'torch>=2.2,<2.5' leaves torch and its CUDA open"]),
    "a torch of which another build serves, without its CUDA": (
        "accelerators: [rtx-5090]\ntorch: {version: '2.7.1'}\nrequirements: [serves-with==0.7]", []),
    "a torch that serves": ("accelerators: [rtx-5090]\nrequirements: [serves==2.0, any-torch]", []),
    "the newest torch no longer serves the GPU": (
        "accelerators: [gtx-1080-ti]\nrequirements: [any-torch]",
        ["SW201 error the installer takes torch 2.8.0 for any-torch 1.0, which (CUDA 12.8) has no code that the GeForce GTX 1080 Ti"]),
    "a companion that another requirement brings": (
        "accelerators: [rtx-5090]\ntorch: {version: '2.8.0', cuda: '12.8'}\nrequirements: [audio-user]",
        ["SW205 error the installer takes torchaudio 2.11.0 for audio-user 1.0, which is built for torch 2."]),
    "a companion that is newer than the catalog is not judged": (
        "accelerators: [rtx-5090]\ntorch: {version: '2.8.0', cuda: '12.8'}\nrequirements: [vision-user]", []),
    "a contradiction three projects away": (
        "requirements: [deep, base==4.0]",
        ["SW226 error no set of releases satisfies 'base==4.0': deep 1.0 requires deeper; deeper 1.0 requires deepest>=1; "
         "all releases of deepest require base>=5"]),
    "ignored": (
        "requirements: [lib==7.0]\nignore: [{code: SW204, why: 'soon'}]", []),
}


# Files that are no profiles, by their names: commands that install one after the other, and locks, which nothing holds together.
# The index that pip has built in.
OWN_INDEX = subprocess.run([sys.executable, "-I", "-c", "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"],
                           stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
FILES = {
    "a later command installs over a requirement": (
        "Dockerfile", "FROM python:3.11-slim\nRUN pip install app==1.0\nRUN pip install lib==1.0\n",
        ["SW210 warning conflict with 'lib==1.0': app 1.0 requires lib<3,>=2|lib>=2,<3"]),
    "a command that no installer can satisfy": (
        "Dockerfile", "FROM python:3.11-slim\nRUN pip install base==4.0\nRUN pip install app==1.0 lib==1.0\n",
        ["SW210 error conflict with 'lib==1.0': app 1.0 requires lib<3,>=2|lib>=2,<3"]),
    "an earlier pin does not stay": (
        "Dockerfile", "FROM python:3.11-slim\nRUN pip install lib==1.0\nRUN pip install app==1.0\n",
        ["SW210 error conflict with 'lib==1.0': app 1.0 requires lib<3,>=2|lib>=2,<3"]),
    "a command replaces the torch of the base image": (
        "Dockerfile", "FROM pytorch/pytorch:2.7.1-cuda12.8-cudnn9-runtime\nRUN pip install serves-with==0.9 torchaudio==2.8.0\n",
        ["SW223 warning torch 2.7.1 of the base image is replaced by torch 2.8.0: the image carries the bytes of both",
         "SW205 warning torchvision of the base image is built for torch 2.7.1, and torch 2.8.0 takes its place"]),
    "a requirement without a release leads to another torch than the base image's": (
        "Dockerfile", "FROM pytorch/pytorch:2.7.1-cuda12.8-cudnn9-runtime\nRUN pip install lib\nRUN pip install serves-with torchaudio==2.8.0 torchvision==0.23.0\n",
        ["SW223 warning torch 2.7.1 of the base image is replaced by torch 2.8.0"]),
    "requirements that the torch of the base image satisfies": (
        "Dockerfile", "FROM pytorch/pytorch:2.7.1-cuda12.8-cudnn9-runtime\nRUN pip install any-torch\nRUN pip install 'serves-with<0.9' lib\n", []),
    "a torch that replaces the base image's and does not serve": (
        "Dockerfile", "FROM pytorch/pytorch:2.7.1-cuda12.8-cudnn9-runtime\nRUN pip install serves-with==0.6\n",
        ["SW223 warning torch 2.7.1 of the base image is replaced by torch 2.4.0", "SW205 warning torchvision", "SW205 warning torchaudio",
         "SW226 error no set of releases satisfies 'serves-with==0.6': serves-with 0.6 requires torch==2.4.0; torch 2.4.0 (CUDA 12.1) has no code"]),
    "a lock that overrides a requirement": (
        "uv.lock", "version = 1\nrequires-python = '==3.11.*'\n" + "".join(
            f"[[package]]\nname = '{name}'\nversion = '1.0'\nsource = {{ registry = '{OWN_INDEX}' }}\n"
            for name in ("app", "lib")),
        ["SW210 warning conflict with 'lib==1.0': app 1.0 requires lib<3,>=2|lib>=2,<3"]),
    "a range without a release for the GPU": (
        "pyproject.toml", "[project]\nname = 'own'\nversion = '1'\nrequires-python = '==3.11.*'\ndependencies = ['lib', 'torch>=2.5,<2.7']\n",
        ["SW212 warning 'torch>=2.5,<2.7' leaves torch and its CUDA open",
         "SW226 error no set of releases satisfies 'torch>=2.5,<2.7': torch 2.5.1"]),
    "what comes along brings the torch, and its companion fits": (
        "requirements.txt", "serves-with==0.9\ntorchaudio==2.8.0\n", []),
    "what comes along brings a torch that does not serve": (
        "requirements.txt", "lib\nserves-with==0.6\n", ["SW226 error no set of releases satisfies 'serves-with==0.6'"]),
    "what comes along takes the companion of another torch": (
        "requirements.txt", "torch==2.8.0\naudio-user\n", ["SW205 error the installer takes torchaudio 2.11.0 for audio-user 1.0"]),
    "a tool that installs binds nothing": (
        "Dockerfile", "FROM python:3.11-slim\nRUN pip install lib==1.0 poetry==9.9 && /opt/tool/bin/pip install uv\n", []),
    "a source whose build imports torch, in a Dockerfile": (
        "Dockerfile", "FROM python:3.11-slim\nRUN pip install torch==2.8.0\nRUN pip install wants-torch torch-in-part has-cuda says-torch\n",
        ["SW230 error wants-torch 1.0 is built from source, and its setup.py imports torch, which build isolation hides",
         "SW230 warning torch-in-part 1.0 is built from source, and its setup.py may import torch"]),
    "a source whose build imports torch, of requirements": (
        "requirements.txt", "torch==2.8.0\nwants-torch==1.0\n", ["SW230 error wants-torch 1.0 is built from source, and its setup.py imports"]),
    "a source that is built among what is installed": (
        "Dockerfile", "FROM python:3.11-slim\nRUN pip install torch==2.8.0\nRUN pip install --no-build-isolation wants-torch\n", []),
    "a release that another index may have": (
        "Dockerfile", "FROM python:3.11-slim\nRUN pip install lib==9.9 --extra-index-url https://other.example.org/simple\n",
        ["SW204 warning no release of lib is 'lib==9.9' on the index that is read"]),
    "the variant for GPUs is installed last": (
        "Dockerfile", "FROM python:3.11-slim\nRUN pip install variant==1.0\nRUN pip install variant-gpu\n",
        ["SW219 warning variant 1.0 and variant-gpu 1.0 install 1 of the same files with other contents"]),
    "the variant for GPUs is installed first": (
        "Dockerfile", "FROM python:3.11-slim\nRUN pip install variant-gpu\nRUN pip install variant==1.0\n",
        ["SW219 error variant 1.0 and variant-gpu 1.0 install 1 of the same files with other contents"]),
    "a NumPy of the base image": (
        "Dockerfile", "FROM pytorch/pytorch:2.1.2-cuda12.1-cudnn8-runtime\nRUN pip install h5py==3.10.0\n",
        ["SW201 error torch 2.1.2 for CUDA 12.1 has no code"]),
    "a NumPy in the place of the base image's": (
        "Dockerfile", "FROM pytorch/pytorch:2.1.2-cuda12.1-cudnn8-runtime\nRUN pip install h5py==3.10.0 numpy==2.1.0\n",
        ["SW201 error torch 2.1.2 for CUDA 12.1 has no code", "SW214 error h5py 3.10.0 is built for numpy<2, and numpy 2.1.0 is pinned",
         "SW214 error torch 2.1.2 is built for numpy<2, and numpy 2.1.0 is pinned"]),
    "a source that one command of two builds alone": (
        "Dockerfile", "FROM python:3.11-slim\nRUN pip install torch==2.8.0\nRUN pip install --no-build-isolation wants-torch\n"
        "RUN pip install torch-in-part\n",
        ["SW230 warning torch-in-part 1.0 is built from source, and its setup.py may import torch"]),
    "a source that uv is told to build alone": (
        "Dockerfile", "FROM python:3.11-slim\nRUN pip install torch==2.8.0\n"
        "RUN uv pip install --no-build-isolation-package Wants_Torch wants-torch torch-in-part\n",
        ["SW230 warning torch-in-part 1.0 is built from source, and its setup.py may import torch"]),
    "builds by the variables of pip and uv": (
        "Dockerfile", "FROM python:3.11-slim\nRUN pip install torch==2.8.0\nRUN PIP_NO_BUILD_ISOLATION=1 pip install wants-torch\n"
        "ENV PIP_NO_BUILD_ISOLATION=0\nRUN pip install torch-in-part\n",
        ["SW230 error wants-torch 1.0 is built from source, and its setup.py imports torch, which build isolation hides"]),
    "a source that uv builds among what is installed": (
        "pyproject.toml", "[project]\nname = 'x'\nversion = '1'\nrequires-python = '>=3.11'\ndependencies = ['torch==2.8.0', 'wants-torch']\n"
        "[tool.uv]\nno-build-isolation-package = ['wants-torch']\n", []),
    "a local version from beside the index": (
        "Dockerfile", "FROM python:3.11-slim\nRUN pip install lib==1.0+cu124 -f https://wheels.example.org\n", ["SW222 warning nothing is"]),
}


def check_file(slipway, folder, url, name, text):
    """The findings of a file that is no profile, notes left out."""
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        (pathlib.Path(temporary) / name).write_text(text)
        done = subprocess.run([slipway, "check", name, "--gpu", "rtx-5090", "--format", "json"], cwd=temporary, capture_output=True, text=True,
                              env={"PATH": os.defpath, "HOME": str(folder), "PIP_INDEX_URL": url, "PIP_CONFIG_FILE": "/dev/null", "UV_NO_CONFIG": "1"})
    return [f for f in json.loads(done.stdout)["findings"] if f["severity"] != "note"]


# Lines that must stand among the hints and fixes of the findings of a case.
CURES = {
    "a project that is not there": ["  hint: is the name right? another index is named in the profile's 'indexes'\n"],
}


def with_python(body):
    return body if "python_version" in body else f"python_version: '3.11'\n{body}"


def ask(slipway, folder, url, body, *options):
    """The whole answer of a check."""
    (folder / "p.yaml").write_text(f"slipway: 1\nname: p\n{with_python(body)}\n")
    environment = os.environ | {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "PIP_INDEX_URL": url,
                                "no_proxy": "*"}
    done = subprocess.run([slipway, "-C", folder, "check", "--format", "json", *options], stdout=subprocess.PIPE,
                          env=environment, timeout=120)
    return json.loads(done.stdout)


def check(slipway, folder, url, body, *options):
    """The findings. That nothing could be judged (SW222) is another test's subject."""
    return [finding for finding in ask(slipway, folder, url, body, *options)["findings"] if finding["code"] != "SW222"]


def compare(findings, expected):
    """What is wrong with the findings; notes do not count."""
    found = [f"{finding['code']} {finding['severity']} {finding['message']}" for finding in findings
             if finding["severity"] != "note"]
    faults = [f"found {line}" for line in found
              if not any(line.startswith(text) for row in expected for text in alternatives(row))]
    faults += [f"missed {row}" for row in expected
               if not any(line.startswith(text) for line in found for text in alternatives(row))]
    faults += [f"no evidence: {finding['message']}" for finding in findings
               if finding["severity"] == "error" and not finding["evidence"] and "the index at" not in finding["message"]]
    return faults


def alternatives(row):
    """A set of clauses may be written in either order: the last word of a row may be given twice, with | between."""
    first, _, last = row.partition("|")
    head = first.rpartition(" ")[0]
    return [first] + ([f"{head} {last}"] if last else [])


def main(slipway):
    slipway = pathlib.Path(slipway).resolve()
    number, failed = 0, 0

    def report(name, faults):
        nonlocal number, failed
        number += 1
        failed += bool(faults)
        print(f"{'not ok' if faults else 'ok'} {number} - {name}")
        for fault in faults:
            print(f"# {fault}")

    with tempfile.TemporaryDirectory(prefix="index-") as temporary:
        folder = pathlib.Path(temporary)
        answers = script(INDEX)
        for path, projects in OWN.items():
            answers |= script(projects, path)
        with Server(answers) as server:
            url = f"{server.url}/simple"
            report("offline, with nothing in the cache: one note",
                   [] if [f["code"] for f in check(slipway, folder, url, "requirements: [lib==7.0]", "--offline")] == ["SW403"]
                   else ["not one SW403"])
            for name, (body, expected) in CASES.items():
                if "{server}" in body:
                    body, expected = body.format(server=server.url), [row.format(server=server.url) for row in expected]
                report(name, compare(check(slipway, folder, url, body), expected))
            findings = check(slipway, folder, url, "accelerators: [rtx-5090]\nrequirements: [serves-with==0.7]")
            report("a torch that a requirement brings, of which another build serves the GPU",
                   [] if [(f["code"], f["fix"]) for f in findings if f["severity"] == "error"] ==
                   [("SW226", [{"op": "set", "path": "torch.version", "value": "2.7.1"}])] else [str(findings)])
            unjudged = [[row["aspect"] for row in ask(slipway, folder, url, f"requirements: [deep, base=={release}]")["coverage"]
                         if row["judgement"] == "not judged" and row["subject"] == "what else the requirements bring"]
                        for release in ("4.0", "5.0")]
            report("requirements that contradict each other bring what nobody judges, which is said",
                   [] if unjudged == [["GPU libraries", "releases"], []] else [str(unjudged)])
            for name, (file, text, expected) in FILES.items():
                report(name, compare(check_file(slipway, folder, url, file, text), expected))
            for project, found in BROUGHT.items():
                findings = [f for f in check(slipway, folder, url, f"accelerators: [rtx-5090]\nrequirements:\n- lib\n- {project}==1.0")
                            if f["severity"] == "error"]
                same = [(f["code"], f["line"], f["message"].startswith(found[1]), found[2] in [e["text"] for e in f["evidence"]])
                        for f in findings][:1] == [(found[0], 7, True, True)] if found else not findings
                report(f"what {project} brings along", [] if same else [str(findings)])
            (folder / "base.yaml").write_text("slipway: 1\nname: base\npython_version: '3.11'\nrequirements: [lib==1.0, app==1.0]\n")
            findings = check(slipway, folder, url, "requirements: [base==3.0, app-parts==1.2]\nextends: base")
            report("a child has its finding where its parent has one at the same line and column",
                   compare(findings, ["SW210 error conflict with 'lib==1.0': app 1.0 requires lib<3,>=2|lib>=2,<3",
                                      "SW210 error conflict with 'base==3.0': app-parts 1.2 requires base>=5"]) +
                   ([] if len({(f["line"], f["column"]) for f in findings}) == 1 else [f"not one place: {findings}"]))
            (folder / "base.yaml").unlink()
            for line, word in (("lib @ git+https://example.org/lib", "lib"), ("source==1.0", "source 1.0")):
                findings = check(slipway, folder, url, f"requirements: ['{line}', app==1.0]\nsystem_packages: [git]")
                report(f"known only when it is built, which is said: {line}",
                       [] if [(f["code"], f["severity"]) for f in findings] == [("SW403", "note")] and
                       findings[0]["message"].endswith(f"built: {word}") else [str(findings)])
            findings = check(slipway, folder, url, "requirements: [needs-source]")
            report("a requirement's requirement is known only when it is built, which is said",
                   [] if [(f["code"], f["severity"]) for f in findings] == [("SW403", "note")] and
                   findings[0]["message"].endswith("built: source 1.0") else [str(findings)])
            body = f"requirements: ['app @ {server.url}/files/app-2.0-py3-none-any.whl']"
            findings = check(slipway, folder, url, body, "--offline")
            report("a wheel's URL offline, not in the cache: a note says so",
                   [] if [(f["code"], f["severity"]) for f in findings] == [("SW403", "note")] and " app:" in findings[0]["message"]
                   else [str(findings)])
            check(slipway, folder, url, body)
            findings = check(slipway, folder, url, body, "--offline")
            report("a wheel's URL offline, from the cache", [] if not findings else [str(findings)])
            asked = len(server.seen)
            report("asked again: from the cache",
                   compare(check(slipway, folder, url, CASES["a pin against a pin"][0]), CASES["a pin against a pin"][1]) +
                   ([] if len(server.seen) == asked else [f"{len(server.seen) - asked} requests"]))
            asked = len(server.seen)
            body, expected = CASES["a module that is gone"]
            report("modules asked again: from the cache", compare(check(slipway, folder, url, body), expected) +
                   ([] if len(server.seen) == asked else [f"{len(server.seen) - asked} requests"]))
            report("modules offline, from the cache", compare(check(slipway, folder, url, body, "--offline"), expected))
            body = "requirements: [part-s==1.0, silent==1.0, fails-late==1.0]"
            server.script["/files/fails_late-1.0-py3-none-any.whl"] = answer(b"no wheel")
            findings = check(slipway, folder, url, body)
            report("a wheel that cannot be read: what is not known is said",
                   [] if [f["code"] for f in findings] == ["SW403"] and "for fails-late:" in findings[0]["message"] else [str(findings)])
            findings = check(slipway, folder, url, body, "--offline")
            report("modules offline, not in the cache: a note says so",
                   [] if [(f["code"], f["severity"]) for f in findings] == [("SW403", "note")] and "for fails-late:" in findings[0]["message"] else [str(findings)])
        name = "a pin against a pin"
        report("offline, from the cache", compare(check(slipway, folder, url, CASES[name][0], "--offline"), CASES[name][1]))
        findings = check(slipway, folder, "http://127.0.0.1:9/simple", "requirements: [never-asked]")
        report("an index that does not answer: a warning that says what is not known",
               [] if [(f["code"], f["severity"]) for f in findings] == [("SW403", "warning")] else [str(findings)])
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
