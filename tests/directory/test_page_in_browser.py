"""The page of places in a real Chromium: on a phone, at a desk, on paper."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from bot.bootstrap import Deps
from tests.directory.building import a_place, a_service
from tests.directory.test_page import PANTRY, shared
from tests.simulator.browser import chromium, complaints, set_size

LONG = "Saint Bartholomew Community Emergency Food, Clothing and Utility Assistance Center of Greater Franklin County"
MANY = (
    PANTRY,
    a_service(2, name=LONG, verified_on=None),
    a_service(3, places=(a_place(is_hidden=True),), schedules=()),
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """One browser for all tests of this file."""
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


def opened(browser: Chrome, served: Deps, language: str = "en") -> Chrome:
    """The page with three places."""
    complaints(browser)
    browser.get(served.settings.public_url + shared(served, *MANY, language=language))
    return browser


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_sticks_out_and_nothing_is_refused(browser: Chrome, served: Deps, width: int) -> None:
    """Nothing has to be scrolled sideways, and the policy lets everything in that the page needs."""
    set_size(browser, width, 800)
    page = opened(browser, served, "es")
    assert page.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    assert (
        page.execute_script("return getComputedStyle(document.querySelector('.note')).backgroundColor")
        != "rgba(0, 0, 0, 0)"
    )
    assert complaints(page) == []


def test_numbers_are_large_enough_to_tap_and_places_have_names(browser: Chrome, served: Deps) -> None:
    """44 pixels for a finger; one heading, a landmark, a name for each place, for those who hear the page."""
    set_size(browser, 390, 800)
    page = opened(browser, served)
    heights = [link.size["height"] for link in page.find_elements(By.CSS_SELECTOR, ".phones a")]
    assert len(heights) == 3
    assert min(heights) >= 44
    assert len(page.find_elements(By.TAG_NAME, "h1")) == len(page.find_elements(By.TAG_NAME, "main")) == 1
    names = [article.accessible_name for article in page.find_elements(By.TAG_NAME, "article")]
    assert names == [service.name for service in MANY]


def test_on_paper_it_is_dark_on_light(browser: Chrome, served: Deps) -> None:
    """Numbers do not vanish when backgrounds are not printed."""
    page = opened(browser, served)
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        color = page.execute_script("return getComputedStyle(document.querySelector('.phones a')).color")
        assert color == "rgb(0, 0, 0)"
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
