#!/bin/bash
# Failures of package managers of systems: apt of Debian 12, 13 and Ubuntu 22.04, dnf, rpm, dpkg. Wants ROOTS: a folder of roots jammy
# and trixie, and its script enter; dnf.
# shellcheck disable=SC1091,SC2154,SC2016,SC2086,SC2103,SC2164 # lib.sh sets what is used here; the words are for other shells
. "$(dirname "$0")/lib.sh"
R=${ROOTS:?}
for r in jammy trixie; do
    in="$R/enter $R/$r"
    case $r in jammy) apt='apt-get' ;; *) apt='apt' ;; esac
    told packages/$r-name "cuda-toolkit-99-9" $in $apt install -y cuda-toolkit-99-9
    told packages/$r-version "99.9-1" $in $apt install -y coreutils=99.9-1
    told packages/$r-host "no-such-host.invalid" $in $apt -o Acquire::Retries=0 -o Dir::Etc::sourcelist=/tmp/bad.list -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists=/tmp/lists-bad update --error-on=any
    told packages/$r-option "frobnicate" $in $apt install --frobnicate coreutils
    told packages/$r-op "frobnicate" $in $apt frobnicate
    told packages/$r-deb "gone.deb" $in $apt install -y ./gone.deb
    told packages/$r-held 2.1 $in $apt -s install -y libc6=2.1
    told packages/$r-yes essential $in $apt remove bash
    told packages/$r-dpkg-missing "gone.deb" $in dpkg -i /tmp/gone.deb
    told packages/$r-pydep Nothere/Gone.pm $in perl -e 'require Nothere::Gone;'
    told packages/$r-lock "Operation not permitted" setpriv --reuid=65534 --clear-groups $in $apt install -y x
done
rm -rf dnf; mkdir -p dnf/repos.d dnf/cache
D="dnf --setopt=reposdir=$work/dnf/repos.d --setopt=cachedir=$work/dnf/cache --installroot=$work/dnf/root --releasever=9 -y"
told packages/dnf-norepo "enabled repositor|no enabled repos|Error: There are no" $D install cuda
printf '[cuda]\nname=cuda\nbaseurl=http://no-such-host.invalid/cuda/\nenabled=1\ngpgcheck=1\n' >dnf/repos.d/cuda.repo
told packages/dnf-host "no-such-host.invalid" $D --setopt=retries=1 install cuda-toolkit-13-0
mkdir -p dnf/local/repodata && (cd dnf/local && printf '<?xml version="1.0"?>\n<metadata xmlns="http://linux.duke.edu/metadata/common" packages="0"></metadata>\n' >repodata/primary.xml && s=$(sha256sum <repodata/primary.xml | cut -d' ' -f1) && printf '<?xml version="1.0"?>\n<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1</revision><data type="primary"><checksum type="sha256">%s</checksum><location href="repodata/primary.xml"/><timestamp>1</timestamp><size>%s</size></data></repomd>\n' "$s" "$(stat -c %s repodata/primary.xml)" >repodata/repomd.xml)
printf '[local]\nname=local\nbaseurl=file://%s/dnf/local/\nenabled=1\ngpgcheck=0\n' "$work" >dnf/repos.d/cuda.repo
told packages/dnf-nomatch "cudnn9-cuda-13" $D install cudnn9-cuda-13
told packages/dnf-remove "No match|gone" $D upgrade gone-package-x
told packages/dnf-command "frobnicate" $D frobnicate
told packages/dnf-option "required: PACKAGE" $D install --frobnicate
told packages/dnf-group "Gone Tools" $D groupinstall "Gone Tools"
printf '[cuda]\nname=cuda\nenabled=1\n' >dnf/repos.d/cuda.repo
told packages/dnf-nourl "baseurl|no URL|mirror" $D install cuda
printf '[local]\nname=local\nbaseurl=file://%s/gone-repo/\nenabled=1\n' "$work" >dnf/repos.d/cuda.repo
told packages/dnf-404 "gone-repo|repomd.xml" $D --setopt=retries=1 install cuda
told packages/rpm-missing rpm rpm -i gone.rpm
told packages/rpm-junk rpm bash -c 'echo junk >j.rpm; rpm -i --nodeps j.rpm'
