"""Writes image.tar: an image of two layers, whose second replaces a file and has an instruction with markup in it."""
import hashlib
import io
import json
import tarfile


def archive(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


SITE = "usr/lib/python3/site-packages/"
LAYERS = [archive({"etc/hosts": b"x" * 3000, SITE + "small/__init__.py": b"pass\n" * 200,
                   SITE + "small-1.0.dist-info/RECORD": b"small/__init__.py,,\nsmall-1.0.dist-info/RECORD,,\n"}),
          archive({"etc/hosts": b"y" * 500})]
CONFIG = json.dumps({"rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest() for layer in LAYERS]},
                     "history": [{"created_by": "COPY . /"}, {"created_by": "RUN echo <b>hosts</b>"}]}).encode()
MANIFEST = json.dumps([{"Config": "config.json", "Layers": ["0.tar", "1.tar"], "RepoTags": []}]).encode()
with open("image.tar", "wb") as to:
    to.write(archive({"config.json": CONFIG, "0.tar": LAYERS[0], "1.tar": LAYERS[1], "manifest.json": MANIFEST}))
