"""A page as a browser shows it: headless Chromium with no network, where one is installed."""
import json
import os
import shutil
import subprocess
import tempfile

# Of its packages the one without windows first.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def find():
    """The browser, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page in a browser, by the DevTools protocol over a pipe: JSON texts, each ended by a NUL."""

    def __init__(self, program, page):
        # Its other processes may write there a moment longer.
        self.folder = tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True)
        self.number, self.events = 0, []
        there_out, self.writer = os.pipe()
        self.reader, there_in = os.pipe()
        # The protocol's file descriptors are 3 and 4, whatever ours are.
        script = f'exec "$@" 3<&{there_out} 4>&{there_in}'
        self.process = subprocess.Popen(
            ["unshare", "--net", "bash", "-c", script, "bash", program, "--headless", "--no-sandbox", "--disable-gpu",
             f"--user-data-dir={self.folder.name}", "--remote-debugging-pipe"], pass_fds=(there_out, there_in),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(there_out)
        os.close(there_in)
        self.unread, self.session = b"", None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Log", "Runtime", "Network"):
            self.ask(f"{domain}.enable")
        self.address = page.resolve().as_uri()
        self.ask("Page.setLifecycleEventsEnabled", enabled=True)
        gone = self.ask("Page.navigate", url=self.address)
        assert "errorText" not in gone, gone
        while not any(seen["method"] == "Page.lifecycleEvent" and seen["params"]["loaderId"] == gone["loaderId"]
                      and seen["params"]["name"] == "load" for seen in self.events):
            self.events.append(self.message())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.session = None
        self.ask("Browser.close")
        self.process.wait(60)
        os.close(self.reader)
        os.close(self.writer)
        self.folder.cleanup()

    def message(self):
        while b"\0" not in self.unread:
            more = os.read(self.reader, 1 << 16)
            if not more:
                raise ValueError("the browser went away")
            self.unread += more
        text, self.unread = self.unread.split(b"\0", 1)
        return json.loads(text)

    def ask(self, method, **parameters):
        self.number += 1
        question = {"id": self.number, "method": method, "params": parameters}
        os.write(self.writer, json.dumps(question | ({"sessionId": self.session} if self.session else {})).encode() + b"\0")
        while (answer := self.message()).get("id") != self.number:
            self.events.append(answer)
        if "error" in answer:
            raise ValueError(f"{method}: {answer['error']}")
        return answer["result"]

    def evaluate(self, script):
        return self.ask("Runtime.evaluate", expression=script, returnByValue=True)["result"]["value"]

    def show(self, columns, scheme):
        """At a width in pixels, by a scheme of colours: light or dark."""
        self.ask("Emulation.setDeviceMetricsOverride", width=columns, height=1000, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def complaints(self):
        """What stands on its console, and what it asked for beside the page itself."""
        told = [event["params"] for event in self.events if event.get("method") in
                ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")]
        asked = [event["params"]["request"]["url"] for event in self.events if event.get("method") == "Network.requestWillBeSent"]
        return told + [address for address in asked if address != self.address]
