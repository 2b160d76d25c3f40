#!/bin/bash
# Failures of shells, git, downloads, archives and system programs. Wants git, git-lfs, curl, wget, busybox, zsh, ksh, unzip, patch.
# shellcheck disable=SC1091,SC2154,SC2016,SC2086,SC2103,SC2164 # lib.sh sets what is used here; the words are for other shells
. "$(dirname "$0")/lib.sh"
told shells/dash-bashism "Bad substitution" sh -c 'v=12.8; echo ${v//./}'
told shells/dash-bracket "\[\[: not found" sh -ec '[[ -f /x ]]'
told shells/dash-array "unexpected" sh -c 'a=(1 2)'
told shells/dash-pipefail "Illegal option -o pipefail" sh -c 'set -o pipefail; true'
told shells/bash-unbound "TORCH_INDEX: unbound variable" bash -uc 'echo $TORCH_INDEX'
told shells/bash-required "set it with" bash -c ': ${HF_TOKEN:?set it with --build-arg}'
told shells/bash-heredoc "unexpected end of file|unexpected EOF" bash -c 'if true; then echo x'
told shells/bash-redirect "/opt/none/out.txt" bash -c 'echo x > /opt/none/out.txt'
told shells/bash-source "env_gone.sh" bash -c 'source /opt/env_gone.sh && python x.py'
told shells/bash-cd "/opt/src_gone" bash -ec 'cd /opt/src_gone; make'
told shells/zsh-notfound "nvidia-ctk_gone" zsh -c 'nvidia-ctk_gone runtime'
told shells/zsh-glob "no matches found" zsh -c 'echo vllm[all]; rm /nowhere/*.whl'
told shells/ksh-notfound "gone_tool" ksh -c 'gone_tool --x'
told shells/busybox-notfound "gone_tool" busybox sh -c 'gone_tool --x'
told shells/busybox-wget "bad address|no-such-host" busybox wget http://no-such-host.invalid/x
told shells/busybox-tar "invalid magic|invalid tar" bash -c 'echo junk >j.tgz; busybox tar xzf j.tgz'
told shells/env-notfound "python3.99" env python3.99 -V
told shells/sudo "sudo" bash -c 'PATH=/nowhere; sudo apt-get install x'
told shells/mkdir-perm "/root/x" setpriv --reuid=65534 --clear-groups mkdir /root/x
told shells/ln-exists "File exists" bash -c 'touch python; ln -s /usr/bin/python3 python'
told shells/cp-missing "wheels_gone" cp wheels_gone/x.whl /tmp
told shells/mv-missing "weights.bin_gone" mv weights.bin_gone /tmp
told shells/rm-missing "dist_gone" rm dist_gone
told shells/install-missing "entry_gone.sh" install -m 755 entry_gone.sh /usr/local/bin/
told shells/sed-expr "unterminated|unknown" sed -i 's/a/b' lib.sh_copy
told shells/sed-missing "sources.list_gone" sed -i 's/a/b/' /etc/apt/sources.list_gone
told shells/find-exec "paths must precede" bash -c 'touch a.py b.py; find . -name *.py -delete x'
told shells/xargs "gone_tool" bash -c 'echo 1 | xargs gone_tool'
told shells/tee-perm "/proc/x" bash -c 'set -o pipefail; echo 1 | tee /proc/x'
told shells/chown-user "appuser_gone" chown appuser_gone:appuser_gone .
told shells/usermod "appuser_gone" usermod -aG video appuser_gone
told shells/groupadd "already exists" groupadd root
told shells/useradd-uid "not unique" useradd -u 0 app
told shells/sha "did NOT match|FAILED" bash -c 'echo x >f; echo "0000000000000000000000000000000000000000000000000000000000000000  f" | sha256sum -c -'
told shells/gpg "no valid OpenPGP" bash -c 'echo "<html>404</html>" | gpg --batch --import'
told shells/unzip "End-of-central-directory|cannot find zipfile directory" bash -c 'echo x >a.zip; unzip a.zip'
told shells/tar-xz "not recognized|not in gzip format|Child returned" bash -c 'echo x >a.tar.xz; tar xf a.tar.xz'
told shells/tar-missing "cudnn_gone.tar.xz" tar xf cudnn_gone.tar.xz
told shells/patch "FAILED" bash -c 'printf "a\nb\n" >t.txt; printf -- "--- t.txt\n+++ t.txt\n@@ -1,2 +1,2 @@\n-x\n-y\n+z\n+w\n" | patch -p0'
told shells/curl-ssl "localhost port 1" curl -fsSL https://localhost:1/x
told shells/curl-badopt "frobnicate" curl --frobnicate
told shells/curl-write "Failure writing|/nowhere/x|No such file" curl -fsSL -o /nowhere/x/y file:///etc/hostname
told shells/curl-proto "not supported or disabled|not supported" curl -fsSL htps://example.org/x
told shells/wget-host "no-such-host.invalid" wget http://no-such-host.invalid/x
told shells/wget-refused "refused" wget -t 1 http://127.0.0.1:1/cuda.run
told shells/git-tag "v99.9_gone" bash -c 'git init -q --bare o.git; git clone -q o.git c0; cd c0; git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x; git push -q origin HEAD; cd ..; git clone --branch v99.9_gone --depth 1 o.git c1'
told shells/git-checkout "deadbeef" bash -c 'cd c0; git checkout deadbeefdeadbeefdeadbeefdeadbeefdeadbeef'
told shells/git-submodule "third_party_gone|does not exist|does not appear" bash -c 'cd c0; mkdir -p s; printf "[submodule \"s\"]\n\tpath = s\n\turl = /nowhere/third_party_gone\n" >.gitmodules; git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),s; git -c protocol.file.allow=always submodule update --init'
told shells/git-exists "already exists and is not an empty directory" git clone -q o.git c0
told shells/git-ssh "Host key verification failed|ermission denied|refused|cannot run ssh|resolve" git clone git@localhost:acme/x.git
told shells/git-https-auth "could not read Username|refused|127.0.0.1" env GIT_TERMINAL_PROMPT=0 git clone http://127.0.0.1:1/private.git
told shells/git-apply "patch does not apply" bash -c 'cd c0; printf "a\n" >q.txt; printf -- "--- a/q.txt\n+++ b/q.txt\n@@ -1 +1 @@\n-zz\n+yy\n" | git apply'
told shells/git-owner "dubious ownership" bash -c 'cp -r c0 c2; chown -R 65534 c2; cd c2; HOME=/nowhere git status'
told shells/git-lfs-missing "git-lfs: not found|git-lfs filter-process|lfs" bash -c 'cd c0; echo "*.bin filter=lfs" >.gitattributes; git config filter.lfs.process "git-lfs_gone filter-process"; git config filter.lfs.required true; echo x >w.bin; git add w.bin'
told shells/lfs-pointer "remote" bash -c 'git init -q l; cd l; git lfs install --local >/dev/null; git lfs fetch origin main'
told shells/node-heap "heap out of memory" bash -c 'node --max-old-space-size=20 -e "let a=[];for(;;)a.push(new Array(1e4).fill(1))" 2>&1 | head -40'
told shells/npm-script "Missing script" bash -c 'mkdir -p n; cd n; echo "{}" >package.json; npm run build --offline'
told shells/npm-lock "package-lock.json|npm ci" bash -c 'cd n; npm ci --offline'
told shells/ldd-missing "libgone_cudart.so.13" bash -c 'printf "int gone(void){return 0;}" >g.c; gcc -shared -fPIC -Wl,-soname,libgone_cudart.so.13 -o libgone_cudart.so.13 g.c; printf "int gone(void);int main(void){return gone();}" >h.c; gcc h.c ./libgone_cudart.so.13 -o hh; rm libgone_cudart.so.13; ./hh'
told shells/ld-symbol "gone2" bash -c 'printf "int gone(void){return 0;}int gone2(void){return 0;}" >g.c; gcc -shared -fPIC -Wl,-soname,libg2.so -o libg2.so g.c; printf "int gone2(void);int main(void){return gone2();}" >h.c; gcc h.c -L. -lg2 -Wl,-z,now -o h2; printf "int gone(void){return 0;}" >g.c; gcc -shared -fPIC -Wl,-soname,libg2.so -o libg2.so g.c; LD_LIBRARY_PATH=. ./h2'
told shells/exec-arch "Exec format error|cannot execute" bash -c 'printf "\x7fELF\x02\x01\x01" >arm; head -c 100 /dev/zero >>arm; chmod +x arm; ./arm'
told shells/noexec "Permission denied" bash -c 'echo "#!/bin/sh" >e.sh; ./e.sh'
told shells/disk "No space left on device" bash -c 'dd if=/dev/zero of=/dev/full bs=1M count=1'
told shells/timeout-kill "Killed|terminated|Terminated" bash -c 'sh -c "kill -9 \$\$"; echo status $?'
told shells/arglist "rgument list too long" bash -c '/bin/echo $(seq 1 900000) >/dev/null'
told shells/cron-entry "exec: \"|not found|gone_entry" bash -c 'exec gone_entry --serve'
