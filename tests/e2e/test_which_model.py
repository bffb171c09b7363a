"""Which model? From the question to a paper: compare, open the model, evaluate it, explain one ECG, read the report."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations
from tests.e2e.lists import choose

TRAINING_MS = 600_000
KEPT = ("CardX, head only", "Rlign")
MEANS = ("F1, mean over labels", "F1, weighted", "AUROC, mean over labels")
INTERVAL = re.compile(r"^-?\d+\.\d+ \((-?\d+\.\d+ to -?\d+\.\d+|no interval.*)\)$")
NUMBER = re.compile(r"\d+\.\d+")
UNDEFINED = "–: nobody in the group has the label, or nobody is without it."


class Report(HTMLParser):
    """The title, and every table as rows of texts, of a report: read by no code of the platform."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.title = text, ""
        self.tables: list[list[list[str]]] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._inside = tag
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        elif self._inside in ("td", "th"):
            self.tables[-1][-1][-1] += data

    def row(self, first: str, columns: int = 0) -> list[str]:
        """Return the row that begins so, of a table of as many columns where these are told."""
        rows = (row for table in self.tables for row in table if row and row[0] == first)
        return next(row for row in rows if columns in (0, len(row)))


@pytest.fixture
def sixty(api: Api) -> str:
    """The address of a project of sixty simulated ECGs with labels; beside it one of 80 others, "Elsewhere"."""
    made = api.client.post("/api/v1/projects/demo", json={"name": "Sixty", "n_recordings": 60, "seed": 4}).json()
    other = api.client.post("/api/v1/projects/demo", json={"name": "Elsewhere", "n_recordings": 80, "seed": 9}).json()
    for one in (made, other):
        api.project = one["project"]["id"]
        assert api.wait(one["job"]["id"])["status"] == "done"
    return f"/projects/{made['project']['id']}"


def test_from_the_question_which_model_to_a_report_that_says_what_the_page_says(
    page: Page, sixty: str, axe_source: str
) -> None:
    name = _compared(page, sixty, axe_source)
    _evaluated(page, name)
    address = page.url
    shown = {title: _score(page, title) for title in MEANS}
    labels = _rows(page.get_by_role("table", name="Results for each label"))
    _explained(page)
    page.goto(address)
    with page.expect_download() as download:
        page.get_by_role("link", name="Report").click()
    report = Report(Path(download.value.path()).read_text(encoding="utf-8"))
    assert name in report.title
    assert report.row("Model")[1].startswith(name)
    for title, said in shown.items():
        assert report.row(title)[1] == said, title
    assert len(labels) >= 2
    for label, *cells in labels:
        figures = report.row(label, columns=9)[2:]
        assert figures == cells[1:8], label
    _check_intervals(report)


def _compared(page: Page, sixty: str, axe_source: str) -> str:
    """Ask which of two quick models to use, and open the one that is named; return its name."""
    page.goto(f"{sixty}/runs")
    page.get_by_role("link", name="Which model?").click()
    page.get_by_role("link", name="New comparison").first.click()
    expect(page.get_by_label("CardX, head only")).to_be_checked()
    offered = page.get_by_role("checkbox")
    for number in range(offered.count()):
        one = offered.nth(number)
        title = one.evaluate("box => box.labels[0]?.textContent ?? ''")
        if not title.startswith(KEPT):
            one.set_checked(False)
    expect(page.get_by_text("2 models, about")).to_be_visible()
    assert serious_violations(page, axe_source) == []
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Which model for")).to_be_visible()
    expect(page.get_by_text("Use this one")).to_be_visible(timeout=TRAINING_MS)
    table = page.get_by_role("table", name="Compared models")
    expect(table.get_by_role("row")).to_have_count(3)
    expect(page.get_by_text("Measured on the 60 recordings")).to_be_visible()
    assert serious_violations(page, axe_source) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="Open the model").click()
    expect(page.get_by_text("Cross-validated").first).to_be_visible()
    return page.get_by_role("heading", level=1).inner_text()


def _evaluated(page: Page, name: str) -> None:
    """Evaluate the model that is open on the ECGs of the other project."""
    page.get_by_role("link", name="Evaluate", exact=True).click()
    choose(page, "Project", "Elsewhere")
    expect(page.get_by_role("combobox", name="Label table")).to_have_value(re.compile("80 recordings"))
    page.get_by_role("button", name="Start evaluation").click()
    who = page.get_by_role("region", name="Who was evaluated")
    expect(who).to_contain_text("80", timeout=TRAINING_MS)
    # Which of the two is quicker, the machine says; of CardX, if it is the one, nobody has told what it has seen.
    expect(who).to_contain_text(re.compile("none of these recordings|not known of 80 recordings"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def _explained(page: Page) -> None:
    """From a figure to its ECGs, and of the first one to what the model looked at."""
    matrix = page.get_by_role("table", name=re.compile("Confusion matrix")).first
    matrix.locator("button:not([disabled])").first.click()
    page.get_by_role("button", name="What did the model look at?").click()
    expect(page.get_by_role("heading", level=1, name="What did the model look at?")).to_be_visible()
    told = page.get_by_text("passes its control").or_(page.get_by_text("fails its control"))
    expect(told.first).to_be_visible(timeout=TRAINING_MS)


def _score(page: Page, title: str) -> str:
    """Return a large figure of the page as the report writes it: with its interval, or why there is none."""
    card = page.locator(".mantine-Paper-root").filter(has=page.get_by_text(title, exact=True)).last
    lines = [line for line in card.inner_text().splitlines() if line.strip()]
    value, beside = lines[-2:]
    return beside if value == "–" else f"{value} {beside}"


def _rows(table: Locator) -> list[list[str]]:
    found: list[list[str]] = table.locator("tbody tr").evaluate_all(
        "rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    return found


def _check_intervals(report: Report) -> None:
    """No figure stands without its interval or the reason why there is none."""
    bare = []
    seen = 0
    for table in report.tables:
        head = table[0]
        estimated = {"(95 % CI)", "Sensitivity", "Specificity", "PPV", "NPV", "F1", "AUROC", "AUPRC"}
        for row in table[1:]:
            for title, cell in zip(head, row, strict=False):
                if title in estimated:
                    seen += 1
                    undefined = cell == "–" and head[0] == "Group" and UNDEFINED in report.text
                    if not INTERVAL.match(cell) and not undefined and (NUMBER.search(cell) or cell in ("–", "")):
                        bare.append((row[0], title, cell))
    assert seen > 20
    assert bare == []
