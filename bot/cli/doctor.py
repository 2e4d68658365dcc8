"""``bot doctor``: is everything set up, and what to fix."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import click
import requests
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.mail import MailNotSent, SmtpMail
from bot.cli.loading import load_settings, open_database
from bot.content import SECOND_OPINION, ContentError, load_content
from bot.settings import Settings
from bot.store import on_call
from bot.store.database import is_current
from bot.store.tables import Phone
from bot.store.vault import VaultError

LIMIT = 5.0


class ToFix(Exception):
    """Something is not as it should be; the text says what to do."""


class Skipped(Exception):
    """A check that does not apply; the text says why."""


def doctor_checks() -> dict[str, Callable[[Settings], str]]:
    """The checks by name, in order. Each gives a word of good news, or raises :class:`ToFix` or :class:`Skipped`."""
    return {
        "settings": check_settings,
        "names": check_names,
        "content": check_content,
        "second opinion": check_second_opinion,
        "database": check_database,
        "keys": check_keys,
        "redis": check_redis,
        "dialog": check_dialog,
        "twilio": check_twilio,
        "on call": check_on_call,
    }


@click.command()
def doctor() -> int:
    """Check the configuration and the connections, and say what to fix."""
    settings = load_settings()
    results = [_run(name, check, settings) for name, check in doctor_checks().items()]
    if not all(results):
        click.echo(f"Error: {results.count(False)} of {len(results)} checks failed.", err=True)
        return 1
    return 0


def check_settings(settings: Settings) -> str:
    """No unknown names; something to text through; an address that Twilio can reach."""
    if settings.warnings:
        raise ToFix(" ".join(settings.warnings))
    if not settings.twilio_auth_tokens:
        raise ToFix("There is nothing to text through: set BOT_SIMULATOR=1, or the TWILIO_ settings.")
    if settings.real_twilio and urlsplit(settings.public_url).scheme != "https":
        raise ToFix("BOT_PUBLIC_URL should begin with https: texts of patients come in there.")
    return "simulator" if settings.simulator else f"texts go out from {settings.twilio_from}"


def check_names(settings: Settings) -> str:
    """Patients read how the clinic is called and where to get help."""
    if settings.simulator:
        raise Skipped("the simulator needs none")
    missing = [name for name in ("BOT_CLINIC_NAME", "BOT_HELP_CONTACT") if name not in settings.given]
    if missing:
        raise ToFix(f"Patients read it in their texts: set {' and '.join(missing)}.")
    return "the clinic and its contact are named"


def check_content(settings: Settings) -> str:
    """The content loads."""
    try:
        loaded = load_content(settings.content_dir, settings.model_dir)
    except ContentError as error:
        raise ToFix(str(error)) from None
    return f"{len(loaded.instruments)} questionnaires, languages {', '.join(loaded.languages)}"


def check_second_opinion(settings: Settings) -> str:
    """Danger is looked for by more than rules."""
    try:
        loaded = load_content(settings.content_dir, settings.model_dir)
    except ContentError:
        raise Skipped("needs the content") from None
    if loaded.second_opinion is None:
        raise ToFix(
            f"Danger is looked for by rules alone: run `bot train`, or put {SECOND_OPINION} into BOT_MODEL_DIR."
        )
    return "danger is looked for by rules and by the model"


def check_database(settings: Settings) -> str:
    """It answers and its schema is the newest."""
    try:
        with open_database(settings) as database:
            current = is_current(database.engine)
    except SQLAlchemyError:
        raise ToFix("It does not answer; check BOT_DATABASE_URL and that the server runs.") from None
    if not current:
        raise ToFix("Its schema is not the newest: run `bot db upgrade` (`bot serve` does it by itself).")
    return "answers, schema is the newest"


def check_keys(settings: Settings) -> str:
    """The keys open what the database holds."""
    try:
        with open_database(settings) as database, database.read() as tx:
            sealed = tx.session.scalar(select(Phone.number_sealed).limit(1))
            if sealed is None:
                return "nothing is sealed yet"
            tx.vault.open(sealed, "phone.number_sealed")
    except SQLAlchemyError:
        raise Skipped("needs the database") from None
    except VaultError:
        raise ToFix("The database was sealed with other keys: restore BOT_ENCRYPTION_KEYS or keys.json.") from None
    return "open what is stored"


def check_redis(settings: Settings) -> str:
    """It answers, where one is set."""
    if settings.redis_url is None:
        raise Skipped("none is set; in-process is used")
    try:
        with Redis.from_url(settings.redis_url, socket_timeout=LIMIT, socket_connect_timeout=LIMIT) as client:
            client.ping()
    except RedisError:
        raise ToFix("It does not answer; check BOT_REDIS_URL and that the server runs.") from None
    return "answers"


def check_dialog(settings: Settings) -> str:
    """The dialog environment is there, where this machine runs it."""
    if settings.dialog_is_local and not settings.dialog_python.exists():
        raise ToFix(f"The dialog environment is not at {settings.dialog_python}: run `make train`.")
    return "the environment is installed" if settings.dialog_is_local else f"runs at {settings.dialog_url}"


def check_twilio(settings: Settings) -> str:
    """The account takes each token."""
    if not settings.real_twilio:
        raise Skipped("not in use")
    sid = settings.twilio_account_sid
    for number, token in enumerate(settings.twilio_auth_tokens, 1):
        url = f"{settings.twilio_api_url}/2010-04-01/Accounts/{sid}.json"
        try:
            status = requests.get(url, auth=(sid, token), timeout=LIMIT).status_code
        except requests.RequestException:
            raise ToFix("It does not answer; may this machine reach api.twilio.com?") from None
        if status != 200:
            raise ToFix(f"It refused token {number} of TWILIO_AUTH_TOKEN ({status}); compare with the Twilio console.")
    return "takes the account and its tokens"


def check_on_call(settings: Settings) -> str:
    """Somebody is told of cases that cannot wait, and the mail server takes letters."""
    try:
        with open_database(settings) as database, database.read() as tx:
            people = on_call.everybody(tx)
    except SQLAlchemyError:
        raise Skipped("needs the database") from None
    if settings.smtp_url:
        try:
            SmtpMail(settings.smtp_url, settings.mail_from).ready()
        except MailNotSent as error:
            raise ToFix(f"The mail server does not take letters ({error}); check BOT_SMTP_URL.") from None
    if settings.simulator and not people:
        raise Skipped("nobody is on call, which is fine in the simulator")
    if not people:
        raise ToFix("Nobody is told of cases that cannot wait: put people on call with `bot on-call add`.")
    silent = [person.id for person in people if not person.phone and not settings.smtp_url]
    if silent:
        raise ToFix(f"{', '.join(silent)} can only be told by e-mail, and there is no BOT_SMTP_URL.")
    return f"{len(people)} on call, by text{' and e-mail' if settings.smtp_url else ''}"


def _run(name: str, check: Callable[[Settings], str], settings: Settings) -> bool:
    try:
        click.echo(f"ok    {name}: {check(settings)}")
    except Skipped as why:
        click.echo(f"-     {name}: {why}")
    except ToFix as problem:
        click.echo(f"FIX   {name}: {problem}")
        return False
    return True
