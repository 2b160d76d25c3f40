#!/usr/bin/env python3
"""What `check` says of the stacks that slipway was made for, with the real package index: all of it and no more.

usage: seeds_test.py SLIPWAY      TAP on standard output; without a network each test is skipped, with the reason

tests/cases/stack has what the catalog alone says of them. Here a row is "CODE severity PIN", where PIN is what stands in
the profile at the finding, or begins so: messages name releases, of which there are new ones every week. Notes do not count.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HEAD = "slipway: 1\nname: p\n"

STACKS = {
    "000: torch 2.5.1 for CUDA 12.4 on an RTX 5090": ("""\
accelerators: [rtx-5090]
python_version: "3.10"
torch: {version: "2.5.1", cuda: "12.4"}
requirements:
  - torchvision==0.20.1
  - torchaudio==2.5.1
  - bitsandbytes==0.45.0
  - scipy>=1.11.0,<1.13.0
constraints:
  - numpy>=1.26.0,<2.0.0
""", ['SW201 error "2.5.1"', "SW208 error bitsandbytes==0.45.0"], "torch 2.7.0+cu128"),
    "001, 002: bitsandbytes 0.42.0 with an override on an RTX 5090": ("""\
accelerators: [rtx-5090]
python_version: "3.10"
torch: {version: "2.3.1", cuda: "12.1"}
requirements:
  - bitsandbytes==0.42.0
constraints:
  - numpy>=1.24.0,<2.0.0
environment:
  BNB_CUDA_VERSION: "121"
""", ['SW201 error "2.3.1"', "SW208 error bitsandbytes==0.42.0", 'SW215 warning "121"'], "torch 2.7.0+cu128"),
    "003: torch 2.6.0 from cu124 with CUDA 12.6 asserted": ("""\
accelerators: [rtx-5090]
torch: {version: "2.6.0", cuda: "12.4"}
requirements:
  - bitsandbytes==0.45.0
steps:
  - pip install --no-cache-dir --ignore-installed blinker
assertions:
  - that: torch.version.cuda
    is: "12.6"
""", ['SW201 error "2.6.0"', "SW208 error bitsandbytes==0.45.0", "SW209 error bitsandbytes==0.45.0", 'SW206 error "12.6"',
      "SW212 warning pip install --no-cache-dir"], "bitsandbytes/triton/int8_matmul_mixed_dequantize.py:12"),
    "003: torch 2.6.1, which does not exist": ("""\
torch: {version: "2.6.1", cuda: "12.4"}
""", ['SW204 error "2.6.1"'], "2.6.0"),
    "004: the pins before": ("""\
accelerators: [t4]
python_version: "3.11"
requirements:
  - torch==2.1.2
  - transformers==4.36.2
  - accelerate==0.25.0
  - bitsandbytes==0.41.3
  - unsloth[colab-new]==2025.11.3
constraints:
  - numpy<2
""", ["SW210 error torch==2.1.2", "SW210 error transformers==4.36.2", "SW210 error accelerate==0.25.0",
      "SW210 error bitsandbytes==0.41.3"], "bitsandbytes!=0.46.0,!=0.48.0,>=0.45.5"),
    "004: the pins after": ("""\
accelerators: [t4]
python_version: "3.11"
requirements:
  - torch>=2.4.0
  - transformers>=4.51.3
  - accelerate>=0.34.1
  - bitsandbytes>=0.45.5
  - unsloth[colab-new] @ git+https://github.com/unslothai/unsloth.git
  - snac @ git+https://github.com/hubertsiuzdak/snac.git
  - torchaudio
  - soundfile
  - scipy
""", ["SW212 warning torch>=2.4.0"], "leaves torch and its CUDA open"),
    "the stack that serves an RTX 5090": ("""\
accelerators: [rtx-5090]
driver: ">=570"
python_version: "3.11"
torch: {version: "2.8.0", cuda: "12.8"}
requirements:
  - torchvision==0.23.0
  - torchaudio==2.8.0
  - bitsandbytes==0.48.2
  - transformers==4.57.3
  - accelerate==1.12.0
  - peft==0.18.0
assertions:
  - that: torch.__version__
    is: "2.8.0+cu128"
""", [], ""),
}


def place(lines, finding):
    """What stands in the profile at the finding."""
    return lines[finding["line"] - 1][finding["column"] - 1:] if finding["line"] else ""


def faults(slipway, folder, body, expected, evidence):
    """What is wrong; None where the network is."""
    (folder / "p.yaml").write_text(HEAD + body)
    done = subprocess.run([slipway, "-C", folder, "check", "--format", "json"], stdout=subprocess.PIPE, timeout=250,
                          env=os.environ | {"XDG_CACHE_HOME": str(folder / "cache")})
    findings = json.loads(done.stdout)["findings"]
    if any(finding["code"] == "SW403" and finding["severity"] == "warning" for finding in findings):
        return None
    lines = (HEAD + body).splitlines()
    found = [f"{f['code']} {f['severity']} {place(lines, f)}" for f in findings if f["severity"] != "note"]
    missed = list(expected)
    more = []
    for row in found:
        hit = next((text for text in missed if row.startswith(text)), None)
        missed.remove(hit) if hit else more.append(row)
    wrong = [f"missed {row}" for row in missed] + [f"found {row}" for row in more]
    return wrong + ([] if evidence in done.stdout.decode() else [f"nothing says '{evidence}'"])


def main(slipway):
    slipway, failed = pathlib.Path(slipway).resolve(), False
    print(f"1..{len(STACKS)}")
    with tempfile.TemporaryDirectory(prefix="seeds-") as temporary:
        for number, (name, (body, expected, evidence)) in enumerate(STACKS.items(), 1):
            wrong = faults(slipway, pathlib.Path(temporary), body, expected, evidence)
            if wrong is None:
                print(f"ok {number} - {name} # SKIP the package index does not answer")
                continue
            failed = failed or bool(wrong)
            print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
            for fault in wrong:
                print(f"# {fault}")
    return failed


sys.exit(main(sys.argv[1]))
