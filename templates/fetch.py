#!/usr/bin/env python3
"""Brings a file of the image from a URL, if it has the digest that the profile says.

usage: fetch.py URL SHA256 PATH OWNER    (OWNER is USER, USER:GROUP or empty)
"""
import hashlib
import os
import pathlib
import shutil
import sys
import time
import urllib.error
import urllib.request

ATTEMPTS = 4


def fetch(url, to):
    digest = hashlib.sha256()
    with urllib.request.urlopen(url, timeout=60) as answer, open(to, "wb") as file:
        while chunk := answer.read(1 << 20):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def main(url, wanted, path, owner):
    path = pathlib.Path(path)
    part = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            found = fetch(url, part)
            break
        except OSError as error:
            passing = not isinstance(error, urllib.error.HTTPError) or error.code >= 500 or error.code == 429
            if attempt == ATTEMPTS or not passing:
                sys.exit(f"slipway: cannot download {url}: {error}")
            time.sleep(2**attempt)
    if found != wanted.lower():
        sys.exit(f"slipway: {url} has the SHA-256 {found}, wanted {wanted.lower()}")
    os.chmod(part, 0o644)
    if owner:
        user, _, group = owner.partition(":")
        shutil.chown(part, int(user) if user.isdigit() else user, (int(group) if group.isdigit() else group) or None)
    os.replace(part, path)


main(*sys.argv[1:])
