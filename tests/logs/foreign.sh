#!/bin/bash
# Failures of tools that no reader and no rule names: the last words of each have to tell. Wants TOOLS with f: a folder of virtual
# environments, each of the tool it is named after; node, npm, java, terraform, kubectl, psql, sqlite3, dnf, gdb and ctest.
# shellcheck disable=SC1091,SC2154,SC2016,SC2086,SC2103,SC2164 # lib.sh sets what is used here; the words are for other shells
. "$(dirname "$0")/lib.sh"
T=${TOOLS:?} F=$T/f
mkdir -p o && cd o
mkdir -p tf && printf 'resource "null_resource" "a" {\n  count = var.gone\n}\n' >tf/main.tf
told foreign/terraform-var "Missing required provider" terraform -chdir=tf validate
told foreign/kubectl-none "refused|localhost:8080|127.0.0.1" kubectl get pods
printf 'apiVersion: v1\nkind: Pod\nmetadata:\n\tname: x\n' >pod.yaml; told foreign/kubectl-tab "found character|yaml" kubectl apply --dry-run=client -f pod.yaml
told foreign/psql "refused|127.0.0.1" psql -h 127.0.0.1 -p 1 -c 'select 1'
told foreign/sqlite "gone_table" sqlite3 x.db 'select * from gone_table'
told foreign/java-class "gone.Main" java -cp . gone.Main
told foreign/java-jar "gone.jar" java -jar gone.jar
printf -- '- hosts: all\n  tasks:\n    - {name: x, gone_module: {a: 1}}\n' >pl.yml; told foreign/ansible-module "gone_module" env ANSIBLE_HOME=$work/ah $F/ansible-core/bin/ansible-playbook -i localhost, pl.yml
printf -- '- hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks:\n    - {name: Write the config, copy: {src: gone.cfg, dest: /tmp/x}}\n' >pl2.yml; told foreign/ansible-copy "gone.cfg" env ANSIBLE_HOME=$work/ah $F/ansible-core/bin/ansible-playbook -i localhost, pl2.yml
mkdir -p sc && printf 'Program("x", "gone.c")\n' >sc/SConstruct; told foreign/scons "gone.c" $F/scons/bin/scons -C sc
printf 'repos:\n- repo: local\n  hooks:\n  - {id: deny, name: no big files, entry: sh -c "echo model.bin is 3 GB; exit 1", language: system, always_run: true, pass_filenames: false}\n' >.pre-commit-config.yaml
told foreign/precommit "model.bin is 3 GB|no big files" bash -c "git init -q .; git add .pre-commit-config.yaml; $F/pre-commit/bin/pre-commit run -a"
printf '[tox]\nskipsdist=true\n[testenv]\nallowlist_externals=sh\ncommands=sh -c "echo kernel test failed on sm_90 >&2; exit 4"\n' >tox.ini; told foreign/tox "kernel test failed on sm_90" $F/tox/bin/tox
printf 'import nox\n@nox.session(venv_backend="none")\ndef t(s): s.run("gone_program_xq", external=True)\n' >noxfile.py; told foreign/nox "gone_program_xq" $F/nox/bin/nox
printf 'x: int = "a"\n' >ty.py; told foreign/mypy "Incompatible types" $F/mypy/bin/mypy ty.py
printf 'import os\n' >ru.py; told foreign/ruff "imported but unused|F401" $F/ruff/bin/ruff check ru.py
told foreign/flake8 "F401|imported but unused" $F/flake8/bin/flake8 ru.py
printf 'import gone_module_xq\n' >pl.py; told foreign/pylint "gone_module_xq" $F/pylint/bin/pylint --disable=all --enable=E pl.py
printf 'a: 1\na: 2\n' >y.yaml; told foreign/yamllint "duplication of key" $F/yamllint/bin/yamllint y.yaml
mkdir -p md/docs && printf 'site_name: x\nplugins: [gone_plugin]\n' >md/mkdocs.yml; told foreign/mkdocs "gone_plugin" $F/mkdocs/bin/mkdocs build -f md/mkdocs.yml
told foreign/aws "credentials" env HOME=/nowhere AWS_EC2_METADATA_DISABLED=true $F/awscli/bin/aws s3 ls
printf 'x = (\n' >bl.py; told foreign/black "cannot parse|bl.py|Cannot parse" $F/black/bin/black bl.py
told foreign/cookiecutter "gone_template" $F/cookiecutter/bin/cookiecutter --no-input ./gone_template
told foreign/httpie "refused|127.0.0.1" $F/httpie/bin/http GET http://127.0.0.1:1/
told foreign/ytdlp "Unsupported URL|is not a valid URL|refused" $F/yt-dlp/bin/yt-dlp http://127.0.0.1:1/v
told foreign/papermill "gone.ipynb" $F/papermill/bin/papermill gone.ipynb out.ipynb
told foreign/luigi "gone_tasks" $F/luigi/bin/luigi --module gone_tasks X --local-scheduler
told foreign/bison "not in the image: bison" bash -c 'printf "%%%%\nx: y\n" >g.y; bison g.y'
told foreign/m4 "gone.m4" m4 gone.m4
told foreign/awk "missing )" awk 'BEGIN { print ( }'
told foreign/losetup "gone.img" losetup -f gone.img
told foreign/mkfs "gone_dev" mkfs.ext4 -q /dev/gone_dev
told foreign/ip "gone0" ip link set gone0 up
told foreign/nsenter "999999|No such" nsenter -t 999999 -n true
told foreign/chroot "gone_root" chroot /gone_root true
told foreign/crontab "not in the image: crontab" bash -c 'echo "99 x * * * y" | crontab -'
told foreign/msgfmt "x.po" bash -c 'echo "msgid" >x.po; msgfmt x.po'
told foreign/debootstrap "gone_suite" debootstrap gone_suite ./root
told foreign/systemctl "connect to bus" systemctl start gone.service
told foreign/keygen "gone_key" ssh-keygen -y -f gone_key
told foreign/gdb "gone_bin" gdb -batch gone_bin -ex run
told foreign/cpio "not in the image: cpio" bash -c 'echo junk | cpio -id'
told foreign/visudo "not in the image: visudo" bash -c 'echo "root ALL=(ALL" >su; visudo -cf su'
told foreign/sshd "gone_option|Bad configuration" bash -c 'echo "GoneOption yes" >sd; /usr/sbin/sshd -t -f $PWD/sd || ssh -F sd x'
