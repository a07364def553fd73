"""What goes wrong inside a page during a test: console errors, broken rules, lost requests."""

import re

from playwright.sync_api import ConsoleMessage, Page, Request, Response

_SERVER_ERROR = 500


class PageProblems:
    """Collects what a person with open developer tools would see in red.

    A test that provokes a problem names it first with `expect`.
    """

    def __init__(self) -> None:
        self._seen: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    def watch(self, page: Page) -> None:
        """Collect the problems of this page and of its frames, from now on."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._seen.append(f"script error: {error}"))
        page.on("requestfailed", self._on_failed_request)
        page.on("response", self._on_response)

    def expect(self, pattern: str) -> None:
        """Allow problems whose text contains this regular expression."""
        self._expected.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        """Return the problems that no test expected, in order."""
        return [
            problem
            for problem in self._seen
            if not any(pattern.search(problem) for pattern in self._expected)
        ]

    def _on_console(self, message: ConsoleMessage) -> None:
        # A refused content security policy arrives here too: browsers report it as an error.
        if message.type == "error":
            self._seen.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _on_failed_request(self, request: Request) -> None:
        # Leaving a page breaks off what it was still loading; nobody lost anything by that.
        if request.failure != "net::ERR_ABORTED":
            self._seen.append(f"request failed: {request.method} {request.url} {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= _SERVER_ERROR:
            self._seen.append(f"answer {response.status}: {response.url}")
