#!/bin/bash
# Indexes, hosts and certificates that do not work: pip, uv, curl, git, wget.
# shellcheck disable=SC1091,SC2154,SC2086 # lib.sh sets what is used here, and options are split on purpose
. "$(dirname "$0")/lib.sh"
environment clean
clean/bin/python -m pip install -q uv
pip="env -u PIP_INDEX_URL -u PIP_EXTRA_INDEX_URL -u HTTPS_PROXY -u https_proxy -u HTTP_PROXY -u http_proxy -u PIP_FIND_LINKS PIP_CONFIG_FILE=/dev/null clean/bin/python -m pip install --retries 1 --timeout 3 --no-cache-dir"
uv="env -u UV_INDEX_URL -u UV_DEFAULT_INDEX -u HTTPS_PROXY -u https_proxy -u HTTP_PROXY -u http_proxy UV_NO_CONFIG=1 UV_HTTP_TIMEOUT=3 clean/bin/uv pip install --python clean/bin/python --no-cache"
plain="env -u HTTPS_PROXY -u https_proxy -u HTTP_PROXY -u http_proxy"
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2>/dev/null
cat >serve.py <<'P'
"""An index that answers with the status in the path; over TLS on the second port."""
import http.server, ssl, sys, threading
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        code = int(self.path.split("/")[1]) if self.path.split("/")[1].isdigit() else 404
        self.send_response(code); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *a): pass
plain = http.server.ThreadingHTTPServer(("127.0.0.1", 18080), H)
tls = http.server.ThreadingHTTPServer(("127.0.0.1", 18443), H)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); context.load_cert_chain("cert.pem", "key.pem")
tls.socket = context.wrap_socket(tls.socket, server_side=True)
threading.Thread(target=tls.serve_forever, daemon=True).start()
plain.serve_forever()
P
"$python" serve.py & server=$!
trap 'kill $server' EXIT
sleep 1
for index in refused=http://localhost:1/simple unknown-host=https://no-such-host.invalid/simple self-signed=https://localhost:18443/200/simple \
    unauthorized=http://localhost:18080/401/simple forbidden=http://localhost:18080/403/simple unavailable=http://localhost:18080/503/simple; do
    record "network/pip-${index%%=*}" $pip --index-url "${index#*=}" sampleproject
    record "network/uv-${index%%=*}" $uv --index-url "${index#*=}" sampleproject
done
record network/pip-direct-404 $pip http://localhost:18080/404/x-1.0-py3-none-any.whl
record network/curl-unknown-host $plain curl -fsSL https://no-such-host.invalid/x
record network/curl-refused $plain curl -fsSL http://localhost:1/x
record network/curl-404 $plain curl -fsSL http://localhost:18080/404/x
record network/curl-self-signed $plain curl -fsSL https://localhost:18443/200/x
record network/wget-unknown-host $plain wget -O- --tries=1 https://no-such-host.invalid/x
record network/wget-404 $plain wget --tries=1 http://localhost:18080/404/x
record network/git-unknown-host $plain git clone https://no-such-host.invalid/x.git
record network/git-refused $plain git clone http://localhost:1/x.git
record network/git-no-repository $plain git clone http://localhost:18080/404/x.git
record network/pip-git-missing $plain clean/bin/python -c 'import os; os.environ["PATH"]="/nowhere"; import runpy,sys; sys.argv=["pip","install","git+https://no-such-host.invalid/x.git"]; runpy.run_module("pip", run_name="__main__")'
git init -q repository && git -C repository -c user.name=x -c user.email=x@example.org commit -q --allow-empty -m x
record network/pip-git-revision $plain clean/bin/python -m pip install "git+file://$work/repository@no-such-revision"
